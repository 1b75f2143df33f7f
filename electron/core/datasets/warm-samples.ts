/**
 * The small dataset of a warm start: what has changed in all its forms, the rest in a few, so that it is not lost.
 *
 * At 50 facts 105 unknown, 69 pass and 21 bridge samples over all passes keep up silence, handing over and reading the
 * prompt; with more unknown ones known facts are refused, with fewer strangers are answered. More facts, more of them,
 * and more for weak ones (docs/results/warm-retrain.md).
 */
import type { RecipeName, Sample } from '../../contract/entities/training.ts';
import type { Random } from '../util/random.ts';
import { mapSteps, type Steps } from '../util/slices.ts';
import type { Variation } from '../variations/generate-variations.ts';
import { planDataset, type DatasetPlan } from './dataset-plan.ts';
import type { ScheduledVariation } from './fact-samples.ts';
import type { UnknownQuestion } from './unknown-samples.ts';

/** Which facts a warm start teaches anew and which it strengthens; all others are repeated. Ids of facts. */
export type WarmScope = {
  readonly taught: readonly string[];
  readonly weak: readonly string[];
  /** Derived facts that no longer hold; their old questions are taught as never told. Defaults to none. */
  readonly withdrawn?: readonly string[];
};

/** Questions of a fact that no longer holds, in each pass. */
const withdrawnForms = 8;

/** What an earlier dataset asked about one fact alone, yes/no questions left out: each is now never told. */
export function withdrawnQuestions(earlier: readonly Sample[], factId: string): UnknownQuestion[] {
  const questions = earlier
    .filter(
      ({ kind, factIds, messages, family }) =>
        kind === 'fact' &&
        factIds.length === 1 &&
        factIds[0] === factId &&
        messages.length === 2 &&
        !/-(yes|no)-/u.test(family),
    )
    .map(({ messages, family }) => ({ question: messages.at(-1)?.content ?? '', family }));
  return [...new Map(questions.map((each) => [each.question, each])).values()].slice(0, withdrawnForms);
}

/** Forms a pass of a fact that is only repeated. */
const replayForms = 2;
/** Most forms of weak facts in a pass: beyond eight weak ones each has fewer, so that a training stays short. */
const weakForms = { each: 8, together: 64, fewest: replayForms + 1 } as const;
/** Most forms of changed facts in a pass: of a few facts all there are, of many never fewer than a rebuild gives. */
const mostForms = { each: 40, together: 90, fewest: 15 } as const;

type FormLimits = { readonly each: number; readonly together: number; readonly fewest: number };

/** Samples of a pass for each weak fact beyond a sixth: an adapter that must be taught much again loses its silence. */
const besideWeak = { unknown: 9, pass: 6, from: 1 / 6 } as const;

/** Counts of one pass of a warm start. */
export const warmPlan: DatasetPlan = {
  epochs: 3,
  formsPerFact: 0,
  unknown: 35,
  pass: 23,
  bridge: 7,
  general: 0,
  maxBridgeStatements: 6,
  conversationShare: 0.05,
};

/**
 * Counts of one pass of a warm start that also strengthens so many weak facts. An adapter that hands nothing over is held
 * to the base instead, with prompts that the base has answered for the training before it.
 */
export function warmPlanFor(recipe: RecipeName, factCount: number, weakFacts = 0): DatasetPlan {
  const full = planDataset(factCount, recipe);
  if (recipe !== 'standalone') {
    const { unknown, pass } = warmPlan;
    const strengthened = (weakFacts * weakFormsOf(weakFacts)) / weakForms.each;
    const weak = Math.max(0, Math.round(strengthened - besideWeak.from * factCount));
    // Never more than a training from the base has.
    return {
      ...warmPlan,
      unknown: Math.min(full.unknown, grown(unknown, factCount) + besideWeak.unknown * weak),
      pass: Math.min(full.pass, grown(pass, factCount) + besideWeak.pass * weak),
    };
  }
  const answered = Math.floor((full.general * full.epochs) / warmPlan.epochs);
  return { ...warmPlan, pass: 0, general: Math.min(20, answered) };
}

/** Forms a pass of a changed fact, a weak one and one that is only repeated, by how many have changed and are weak. */
export function warmFormsOf(taught: number, weak: number): { taught: number; weak: number; replay: number } {
  return { taught: dealtForms(taught, mostForms), weak: weakFormsOf(weak), replay: replayForms };
}

function weakFormsOf(weak: number): number {
  return dealtForms(weak, weakForms);
}

function dealtForms(facts: number, { each, together, fewest }: FormLimits): number {
  return Math.max(fewest, Math.min(each, Math.floor(together / Math.max(1, facts))));
}

/** The more facts are repeated, the more must be refused and handed over beside them; as `planDataset` grows. */
function grown(count: number, factCount: number): number {
  return Math.round(count * Math.sqrt(Math.max(1, factCount / 50)));
}

/** The training forms of all facts, passes (from 0) included. `facts[i]` holds the variations of `ids[i]`. */
export function* chooseWarmVariations(
  ids: readonly string[],
  facts: readonly (readonly Variation[])[],
  scope: WarmScope,
  epochs: number,
  random: Random,
): Steps<ScheduledVariation[]> {
  const taught = new Set(scope.taught);
  const weak = new Set(scope.weak);
  const forms = warmFormsOf(taught.size, weak.size);
  const dealt = yield* mapSteps(facts, (variations, index) => {
    const id = ids[index] ?? '';
    const count = taught.has(id) ? forms.taught : weak.has(id) ? forms.weak : forms.replay;
    return deal(variations, count, epochs, random);
  });
  return dealt.flat();
}

/** `count` forms in each pass, natural and general ones in turn, other ones in the next pass while there are some. */
function deal(
  variations: readonly Variation[],
  count: number,
  epochs: number,
  random: Random,
): ScheduledVariation[] {
  const train = variations.filter((each) => each.split === 'train');
  const natural = random.shuffle(train.filter((each) => each.natural));
  const general = random.shuffle(train.filter((each) => !each.natural));
  const deck = interleave(natural, general);
  const chosen = new Map<Variation, number[]>();
  for (let epoch = 0, next = 0; epoch < epochs; epoch += 1) {
    for (let turn = 0; turn < Math.min(count, deck.length); turn += 1, next += 1) {
      const variation = deck[next % deck.length];
      if (variation !== undefined) chosen.set(variation, [...(chosen.get(variation) ?? []), epoch]);
    }
  }
  return [...chosen].map(([variation, list]) => ({ variation, epochs: list }));
}

function interleave<Item>(left: readonly Item[], right: readonly Item[]): Item[] {
  const longest = Math.max(left.length, right.length);
  return Array.from({ length: longest }, (_unused, index) => [
    ...left.slice(index, index + 1),
    ...right.slice(index, index + 1),
  ]).flat();
}
