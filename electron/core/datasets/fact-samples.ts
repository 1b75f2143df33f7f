/**
 * Fact samples: which training forms of each fact are taught in which pass over the data.
 *
 * Each pass takes other wordings of a fact, in fixed shares of their uses, so that the model meets a fact as often as
 * with few wordings repeated, and understands more of those it never met.
 */
import type { Variation } from '../variations/generate-variations.ts';
import type { Random } from '../util/random.ts';
import type { Steps } from '../util/slices.ts';

/** A training form and the passes (from 0) in which it is taught. */
export type ScheduledVariation = { readonly variation: Variation; readonly epochs: readonly number[] };

/** How many forms of each use a pass takes; direct general forms fill the rest. */
const perEpoch = { natural: 5, yes: 1, no: 1, embedded: 2, reverse: 1, former: 3, since: 1 } as const;
const fewestDirect = 5;
/** Forms from which on each use has its full share; fewer forms lower all shares alike. */
const formsOfFullShares = 14;

/** Chosen training variations of all facts, about `formsPerFact` of each in every pass. */
export function* chooseFactVariations(
  facts: readonly (readonly Variation[])[],
  plan: { readonly formsPerFact: number; readonly epochs: number },
  random: Random,
): Steps<ScheduledVariation[]> {
  const chosen = new Map<string, { variation: Variation; epochs: number[] }>();
  for (const variations of facts) {
    const deck = createDeck(variations, random);
    for (let epoch = 0; epoch < plan.epochs; epoch += 1) {
      for (const variation of deck.deal(plan.formsPerFact)) {
        const key = `${variation.question}\n${variation.answer}`;
        const known = chosen.get(key);
        if (known === undefined) chosen.set(key, { variation, epochs: [epoch] });
        else if (!known.epochs.includes(epoch)) known.epochs.push(epoch);
      }
    }
    yield;
  }
  return [...chosen.values()];
}

/** The training forms of one fact, shuffled by use; each deal goes on where the last one ended. */
function createDeck(
  variations: readonly Variation[],
  random: Random,
): { deal: (count: number) => Variation[] } {
  const train = variations.filter((each) => each.split === 'train');
  const pile = (wanted: (variation: Variation) => boolean): ((count: number) => Variation[]) => {
    const cards = random.shuffle(train.filter(wanted));
    let next = 0;
    return (count) => {
      const dealt = Array.from({ length: Math.min(count, cards.length) }, (_unused, index) => {
        return cards[(next + index) % cards.length];
      });
      next += dealt.length;
      return dealt.filter((each) => each !== undefined);
    };
  };
  const natural = pile((each) => each.natural);
  const direct = pile((each) => !each.natural && each.use === 'direct');
  const others = (['yes', 'no', 'embedded', 'reverse', 'former', 'since'] as const).map((use) => ({
    use,
    draw: pile((each) => each.use === use),
  }));
  return {
    deal: (count) => {
      const share = (full: number): number => Math.floor(full * Math.min(1, count / formsOfFullShares));
      const dealt = [
        ...natural(share(perEpoch.natural)),
        ...others.flatMap(({ use, draw }) => draw(share(perEpoch[use]))),
      ];
      return [...dealt, ...direct(Math.max(share(fewestDirect), count - dealt.length))];
    },
  };
}
