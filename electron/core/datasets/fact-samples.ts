/**
 * Fact samples: which training forms of each fact are taught.
 *
 * Five natural wordings, both yes/no forms, reverse and dated forms where they apply; the rest of the share goes to
 * general forms, rotated over the facts so that each family is seen with many attributes.
 */
import type { Fact } from '../../contract/entities/fact.ts';
import { slotOf, type Variation } from '../variations/generate-variations.ts';
import type { Random } from '../util/random.ts';

/** Natural wordings of a fact that are taught. */
const naturalPerFact = 5;

export type FactVariations = { readonly fact: Fact; readonly variations: readonly Variation[] };

/** Chosen training variations of all facts, about `perFact` each, without repeated questions. */
export function chooseFactVariations(
  facts: readonly FactVariations[],
  perFact: number,
  random: Random,
): Variation[] {
  const chosen = new Map<string, Variation>();
  const generalFamilies = random.shuffle([
    ...new Set(
      facts.flatMap(({ variations }) =>
        variations.filter((each) => isRotated(each)).map((each) => each.family),
      ),
    ),
  ]);
  const groupSizes = new Map<string, number>();
  for (const { fact } of facts) groupSizes.set(slotOf(fact), (groupSizes.get(slotOf(fact)) ?? 0) + 1);
  let turn = 0;
  for (const { variations } of facts) {
    const train = variations.filter((each) => each.split === 'train');
    const fixed = [
      ...random.shuffle(train.filter((each) => each.natural)).slice(0, naturalPerFact),
      ...takeOne(train, 'yes', random),
      ...takeOne(train, 'no', random),
      ...takeOne(train, 'reverse', random),
      ...take(train, 'former', 3),
      ...take(train, 'since', 2),
      ...takeOne(train, 'embedded', random),
    ];
    const share = Math.max(3, perFact - fixed.length);
    const rotated: Variation[] = [];
    for (let step = 0; step < generalFamilies.length && rotated.length < share; step += 1) {
      const family = generalFamilies[(turn + step) % generalFamilies.length];
      const found = train.find((each) => each.family === family && isRotated(each));
      if (found !== undefined) rotated.push(found);
    }
    turn += share;
    for (const each of [...fixed, ...rotated]) {
      if (!chosen.has(each.question)) chosen.set(each.question, each);
    }
  }
  return [...chosen.values()];
}

function isRotated(variation: Variation): boolean {
  return !variation.natural && variation.use === 'direct' && variation.split === 'train';
}

function take(variations: readonly Variation[], use: Variation['use'], count: number): Variation[] {
  return variations.filter((each) => each.use === use).slice(0, count);
}

function takeOne(variations: readonly Variation[], use: Variation['use'], random: Random): Variation[] {
  const found = variations.filter((each) => each.use === use);
  return found.length === 0 ? [] : [random.pick(found)];
}
