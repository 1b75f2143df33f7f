/** Lists of facts: filter, order and pages. Pure; the words of a search were looked up before. */
import { z } from 'zod';
import { factState, tier, type Fact, type FactFlag, type FactState } from '../../contract/entities/fact.ts';
import type { FactFilter, FactListRequest, FactSortKey } from '../../contract/entities/fact-list.ts';
import type { FactWithState } from '../../contract/entities/ledger.ts';
import { AppError } from '../../contract/errors.ts';
import { matchKey } from '../util/text.ts';
import { findKind, type Kinds } from './kinds.ts';

/** A fact with its state, and its place in the order in which facts were told. */
export type ListedFact = {
  readonly fact: Fact;
  readonly state: FactState;
  readonly flags: readonly FactFlag[];
  readonly place: number;
};

/** A fact as the contract gives it. */
export function withState({ fact, state, flags }: ListedFact): FactWithState {
  return { ...fact, state, flags: [...flags] };
}

export type FactPage = {
  readonly facts: readonly ListedFact[];
  /** All that fit the filter, on whatever page. */
  readonly total: number;
  readonly nextCursor: string | null;
};

/** True for facts that fit every given field of a filter; several tiers, categories or states mean any of them. */
export function toPredicate(filter: FactFilter, kinds: Kinds): (listed: ListedFact) => boolean {
  const { current, neverTrain } = filter;
  const tests: ((listed: ListedFact) => boolean)[] = [];
  const oneOf = (given: readonly string[] | undefined, textOf: (listed: ListedFact) => string): void => {
    if (given === undefined || given.length === 0) return;
    const wanted = new Set(given.map(matchKey));
    tests.push((listed) => wanted.has(matchKey(textOf(listed))));
  };
  if (filter.ids !== undefined) {
    const ids = new Set(filter.ids);
    tests.push(({ fact }) => ids.has(fact.id));
  }
  oneOf(filter.tier, ({ fact }) => fact.tier);
  const { state: states = [], flag: wantedFlags = [] } = filter;
  if (states.length > 0) {
    const wanted = new Set<string>(states);
    const isWaitingWanted = wanted.has('waiting');
    tests.push(({ state, flags }) => wanted.has(state) || (isWaitingWanted && flags.includes('waiting')));
  }
  if (wantedFlags.length > 0) tests.push(({ flags }) => wantedFlags.some((flag) => flags.includes(flag)));
  oneOf(filter.category, ({ fact }) => fact.category);
  if (filter.subject !== undefined) {
    const subject = /^(me|myself)$/iu.test(filter.subject.trim()) ? 'me' : filter.subject;
    oneOf([subject], ({ fact }) => fact.subject);
  }
  if (filter.attribute !== undefined) {
    const kind = findKind(kinds, filter.attribute)?.id;
    const name = matchKey(filter.attribute);
    tests.push(({ fact }) => (kind !== undefined && fact.kind === kind) || matchKey(fact.attribute) === name);
  }
  if (current !== undefined) tests.push(({ fact }) => fact.current === current);
  if (neverTrain !== undefined) tests.push(({ fact }) => fact.neverTrain === neverTrain);
  return (listed) => tests.every((test) => test(listed));
}

/** One page of the facts that fit. The cursor names the last fact seen, so that new ones move nothing. */
export function pageOf(fitting: readonly ListedFact[], request: FactListRequest): FactPage {
  const { sort = 'added', order = 'ascending', limit } = request;
  const sign = order === 'ascending' ? 1 : -1;
  const keyOf = keys[sort];
  const compare = (first: Position, second: Position): number =>
    sign * (compareKeys(first.key, second.key) || first.place - second.place);
  const sorted = fitting.map((listed) => ({ listed, key: keyOf(listed), place: listed.place })).sort(compare);
  const last = request.cursor === undefined ? undefined : readCursor(request.cursor, sort, order);
  const from = last === undefined ? 0 : firstAfter(sorted, (item) => compare(item, last) > 0);
  const page = sorted.slice(from, limit === undefined ? undefined : from + limit);
  const end = page.at(-1);
  const hasMore = end !== undefined && from + page.length < sorted.length;
  return {
    facts: page.map(({ listed }) => listed),
    total: sorted.length,
    nextCursor: hasMore ? writeCursor(sort, order, end) : null,
  };
}

type Key = string | number;
type Position = { readonly key: Key; readonly place: number };

/** Comes after every text and every date. */
const absent = '\u{10ffff}';

const keys: Readonly<Record<FactSortKey, (listed: ListedFact) => Key>> = {
  added: ({ place }) => place,
  statement: ({ fact }) => fold(fact.statement),
  subject: ({ fact }) => (fact.subject === 'me' ? '' : fold(fact.subject)),
  attribute: ({ fact }) => fold(fact.attribute),
  value: ({ fact }) => fold(fact.value),
  category: ({ fact }) => fold(fact.category),
  tier: ({ fact }) => tier.options.indexOf(fact.tier),
  state: ({ state }) => factState.options.indexOf(state),
  'valid-from': ({ fact }) => fact.validFrom ?? absent,
  'valid-to': ({ fact }) => fact.validTo ?? absent,
};

/** Case and accents do not count in an order. */
function fold(text: string): string {
  const lower = text.toLowerCase();
  // eslint-disable-next-line no-control-regex -- plain ASCII needs no folding
  return /^[\x00-\x7f]*$/u.test(lower) ? lower : lower.normalize('NFKD').replace(/\p{M}+/gu, '');
}

function compareKeys(first: Key, second: Key): number {
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

/** Index of the first item for which `isAfter` holds, in a list where all that follow hold as well. */
function firstAfter<Item>(items: readonly Item[], isAfter: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && isAfter(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const cursorText = z.tuple([z.string(), z.string(), z.union([z.string(), z.number()]), z.number()]);

function writeCursor(sort: string, order: string, { key, place }: Position): string {
  return Buffer.from(JSON.stringify([sort, order, key, place])).toString('base64url');
}

function readCursor(cursor: string, sort: FactSortKey, order: string): Position {
  const parsed = cursorText.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  const [ownSort, ownOrder, key, place] = parsed.data ?? [];
  if (key === undefined || place === undefined || ownSort !== sort || ownOrder !== order) {
    throw new AppError('invalid-input', 'The cursor does not belong to this list.', {
      hint: 'Use the nextCursor of a list with the same sort and order, or leave it out to begin at the first page.',
    });
  }
  return { key, place };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
