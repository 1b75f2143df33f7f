/** Filters of the facts in the address, and what a fact is called. */
import type { FactListRequest } from '../../../electron/contract/entities/fact-list.ts';
import type { FactWithState } from '../../../electron/contract/entities/ledger.ts';
import { chipWords, type ChipFlag } from '../../components/fact-chip.tsx';
import { text } from '../../text/en.ts';

export const sorts = {
  newest: { sort: 'added', order: 'descending' },
  oldest: { sort: 'added', order: 'ascending' },
  statement: { sort: 'statement', order: 'ascending' },
  category: { sort: 'category', order: 'ascending' },
  tier: { sort: 'tier', order: 'ascending' },
  state: { sort: 'state', order: 'ascending' },
} as const satisfies Record<string, Pick<FactListRequest, 'sort' | 'order'>>;
export type SortName = keyof typeof sorts;

export const tierNames = ['simple', 'relational', 'temporal', 'multi-hop'] as const;
export const stateNames = ['pending', 'in-prompt', 'in-weights', 'weak', 'retired'] as const;

export type FactView = {
  readonly search: string;
  readonly tiers: readonly (typeof tierNames)[number][];
  readonly states: readonly (typeof stateNames)[number][];
  readonly categories: readonly string[];
  readonly sort: SortName;
};

/** The view that an address asks for; what it does not know is left out. */
export function parseView(fields: URLSearchParams): FactView {
  const listed = (name: string) => (fields.get(name) ?? '').split(',').filter((part) => part !== '');
  const sort = fields.get('sort') ?? '';
  return {
    search: (fields.get('q') ?? '').slice(0, 2000),
    tiers: tierNames.filter((tier) => listed('tier').includes(tier)),
    states: stateNames.filter((state) => listed('state').includes(state)),
    categories: listed('category'),
    sort: sort in sorts ? (sort as SortName) : 'newest', // Checked by `in`.
  };
}

/** What the core is asked for: the filter alone. */
export function filterOf({ search, tiers, states, categories }: FactView) {
  return {
    ...(search.trim() !== '' && { search: search.trim() }),
    ...(tiers.length > 0 && { tier: [...tiers] }),
    ...(states.length > 0 && { state: [...states] }),
    ...(categories.length > 0 && { category: [...categories] }),
  };
}

/** True where the view leaves something out. */
export function isFiltered(view: FactView): boolean {
  return Object.keys(filterOf(view)).length > 0;
}

/** Flags beside the state. */
export function flagsOf(fact: FactWithState): readonly ChipFlag[] {
  return fact.flags;
}

/** What a row is called: statement and state. */
export function nameOf(fact: FactWithState): string {
  return text.facts.rowName(fact.statement, chipWords(fact.state, flagsOf(fact)));
}

/** A derived fact follows from others and cannot be edited itself. */
export function isDerived(fact: FactWithState): boolean {
  return fact.source.type === 'derived';
}

const datePattern = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/u;

/** True for an empty date or one at its own precision. */
export function isDate(value: string): boolean {
  return value === '' || datePattern.test(value);
}
