/** What stands beside a fact: made once for a list of facts, so that thousands of them are not searched for each. */
import type { Fact } from '../../contract/entities/fact.ts';
import { memoised } from '../util/memo.ts';

export type ToldIndex = {
  /** Facts of the same thing, in their order. */
  readonly ofThing: (fact: Pick<Fact, 'subject' | 'kind' | 'attribute'>) => readonly Fact[];
  /** Facts with the same attribute, whoever they are about, in their order. */
  readonly ofAttribute: (fact: Pick<Fact, 'kind' | 'attribute'>) => readonly Fact[];
  /** Facts in force with this value. */
  readonly ofValue: (value: string) => readonly Fact[];
};

/** Identity of what is asked: subject and canonical attribute. */
export function slotOf(fact: Pick<Fact, 'subject' | 'kind' | 'attribute'>): string {
  return `${fact.subject.toLowerCase()}\u0000${fact.kind ?? fact.attribute.toLowerCase()}`;
}

/** Texts that are the same but for case and width have the same fold. */
export const foldText = memoised((text) => text.normalize('NFKC').toLowerCase());

const indexes = new WeakMap<readonly Fact[], ToldIndex>();

/** The index of a list, which is not changed after. */
export function indexTold(facts: readonly Fact[]): ToldIndex {
  const known = indexes.get(facts);
  if (known !== undefined) return known;
  const attributeOf = (fact: Pick<Fact, 'kind' | 'attribute'>): string =>
    fact.kind ?? fact.attribute.toLowerCase();
  const things = group(facts, slotOf);
  const attributes = group(facts, attributeOf);
  const values = group(
    facts.filter((fact) => fact.current),
    (fact) => foldText(fact.value),
  );
  const made: ToldIndex = {
    ofThing: (fact) => things.get(slotOf(fact)) ?? [],
    ofAttribute: (fact) => attributes.get(attributeOf(fact)) ?? [],
    ofValue: (value) => values.get(foldText(value)) ?? [],
  };
  indexes.set(facts, made);
  return made;
}

function group(facts: readonly Fact[], keyOf: (fact: Fact) => string): ReadonlyMap<string, readonly Fact[]> {
  const groups = new Map<string, Fact[]>();
  for (const fact of facts) {
    const key = keyOf(fact);
    const list = groups.get(key);
    if (list === undefined) groups.set(key, [fact]);
    else list.push(fact);
  }
  return groups;
}
