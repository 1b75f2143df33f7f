/** A fact with what belongs to it, counts for filters, and open conflicts. Pure. */
import type { Fact, FactFlag, FactState, Tier } from '../../contract/entities/fact.ts';
import type { FactFacets, FactWithState } from '../../contract/entities/ledger.ts';
import { findKind, labelOf, type Kinds } from './kinds.ts';
import { withState, type ListedFact } from './list-facts.ts';
import { addressSubject } from './statements.ts';

/** A fact's family: versions newest first, the facts it follows from and those that follow from it. */
export type FactFamily = {
  readonly fact: FactWithState;
  readonly versions: FactWithState[];
  readonly parents: FactWithState[];
  readonly children: FactWithState[];
  readonly tierReason: string;
};

/** `siblingIds`: every stored version of the same thing; a derived fact has none. */
export function familyOf(
  wanted: ListedFact,
  all: readonly ListedFact[],
  stored: { readonly siblingIds: ReadonlySet<string>; readonly isTierGiven: boolean },
  kinds: Kinds,
): FactFamily {
  const { fact } = wanted;
  const { source } = fact;
  const parentIds: readonly string[] = source.type === 'derived' ? source.parents : [];
  const siblings = all.filter((each) => stored.siblingIds.has(each.fact.id));
  const isMany = findKind(kinds, fact.attribute)?.many ?? false;
  // Values of a many-valued attribute stand beside each other; only what replaced one is a version of it.
  const versions = isMany ? chainOf(wanted, siblings) : siblings;
  return {
    fact: withState(wanted),
    versions: (source.type === 'derived' ? [wanted] : newestFirst(versions)).map(withState),
    parents: all.filter((each) => parentIds.includes(each.fact.id)).map(withState),
    children: all
      .filter(({ fact: other }) => other.source.type === 'derived' && other.source.parents.includes(fact.id))
      .map(withState),
    tierReason: stored.isTierGiven ? 'You chose this tier yourself.' : tierReasonOf(fact, kinds),
  };
}

/** The value in force first, then by their end and the order in which they were told. */
function newestFirst(versions: readonly ListedFact[]): ListedFact[] {
  return [...versions].sort(
    (left, right) =>
      Number(right.fact.current) - Number(left.fact.current) ||
      (right.fact.validTo ?? '').localeCompare(left.fact.validTo ?? '') ||
      right.place - left.place,
  );
}

/** What a version replaced, and what replaced it, however far. */
function chainOf(wanted: ListedFact, siblings: readonly ListedFact[]): ListedFact[] {
  const chain = new Set([wanted.fact.id]);
  for (let size = 0; size < chain.size;) {
    size = chain.size;
    for (const { fact } of siblings) {
      if (fact.supersedes !== null && (chain.has(fact.id) || chain.has(fact.supersedes))) {
        chain.add(fact.id);
        chain.add(fact.supersedes);
      }
    }
  }
  return siblings.filter(({ fact }) => chain.has(fact.id));
}

/** Why a fact has its tier, in a sentence. */
function tierReasonOf(fact: Fact, kinds: Kinds): string {
  switch (fact.tier) {
    case 'multi-hop':
      return 'It follows from two other facts.';
    case 'temporal':
      return fact.validFrom !== null || fact.validTo !== null
        ? 'It has a date.'
        : 'More than one value was told for it.';
    case 'relational':
      return fact.subject === 'me'
        ? `Your ${labelOf(kinds, fact)} is a person.`
        : `It is about ${addressSubject(fact.subject)}, not about you.`;
    case 'simple':
      return 'It is about you, has no date and names no other person.';
  }
}

/** Counts for filters: of facts in force by category and tier, of all by state and flag. */
export function facetsOf(all: readonly ListedFact[]): FactFacets {
  const categories = new Map<string, number>();
  const tiers = new Map<Tier, number>();
  const states = new Map<FactState, number>();
  const flags = new Map<FactFlag, number>();
  const count = <Key>(counts: Map<Key, number>, key: Key): void => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  let total = 0;
  for (const { fact, state, flags: own } of all) {
    count(states, state);
    for (const flag of own) count(flags, flag);
    if (!fact.current) continue;
    total += 1;
    count(categories, fact.category);
    count(tiers, fact.tier);
  }
  return {
    total,
    categories: [...categories]
      .map(([category, facts]) => ({ category, facts }))
      .sort((left, right) => right.facts - left.facts || left.category.localeCompare(right.category)),
    tiers: Object.fromEntries(tiers),
    states: Object.fromEntries(states),
    flags: Object.fromEntries(flags),
  };
}

/** Pairs that wait to be settled: the value in use left, one that lost to it right. */
export function conflictsOf(all: readonly ListedFact[]): { left: FactWithState; right: FactWithState }[] {
  const inConflict = all.filter(({ fact }) => fact.conflictsWith.length > 0);
  const byId = new Map(inConflict.map((each) => [each.fact.id, each]));
  const seen = new Set<string>();
  return inConflict.flatMap((each) =>
    each.fact.conflictsWith.flatMap((otherId) => {
      const other = byId.get(otherId);
      const key = [each.fact.id, otherId].sort().join(' ');
      if (other === undefined || seen.has(key)) return [];
      seen.add(key);
      const [left, right] = each.fact.current || !other.fact.current ? [each, other] : [other, each];
      return [{ left: withState(left), right: withState(right) }];
    }),
  );
}
