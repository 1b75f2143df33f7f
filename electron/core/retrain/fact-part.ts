/** An even part of very many facts, from which is told what the lessons of all of them are. */
import type { Fact } from '../../contract/entities/fact.ts';
import type { Sample } from '../../contract/entities/training.ts';
import type { WarmScope } from '../datasets/warm-samples.ts';
import { createRandom } from '../util/random.ts';
import { slotOf } from '../variations/generate-variations.ts';

/** Things of each sort (taught anew, weak, repeated) that are in the part. */
const thingsOfSort = 300;

export type FactPart = {
  readonly facts: readonly Fact[];
  readonly others: readonly Fact[];
  /** Of how many lessons one stands for; those of no fact stand for themselves. */
  readonly shareOf: (sample: Sample) => number;
};

/** Chooses whole things, since their facts answer together; the same facts give the same part. */
export function chooseFactPart(all: readonly Fact[], warm: WarmScope | undefined): FactPart {
  const taught = new Set(warm?.taught);
  const weak = new Set(warm?.weak);
  const things = new Map<string, Fact[]>();
  for (const fact of all) {
    const slot = slotOf(fact);
    const known = things.get(slot);
    if (known === undefined) things.set(slot, [fact]);
    else known.push(fact);
  }
  const sorts: Fact[][][] = [[], [], []];
  for (const facts of things.values()) {
    const sort = facts.some(({ id }) => taught.has(id)) ? 0 : facts.some(({ id }) => weak.has(id)) ? 1 : 2;
    sorts[sort]?.push(facts);
  }
  const shares = new Map<string, number>();
  for (const sort of sorts) {
    const chosen = createRandom(sort.length).shuffle(sort).slice(0, thingsOfSort).flat();
    const share = sort.flat().length / Math.max(1, chosen.length);
    for (const { id } of chosen) shares.set(id, share);
  }
  return {
    facts: all.filter(({ id }) => shares.has(id)),
    others: all.filter(({ id }) => !shares.has(id)),
    shareOf: ({ kind, factIds }) => (kind === 'fact' ? (shares.get(factIds[0] ?? '') ?? 1) : 1),
  };
}
