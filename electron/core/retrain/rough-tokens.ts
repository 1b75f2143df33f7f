/**
 * How many tokens a training will see, from counts alone: a standing status cannot build and tokenise a dataset.
 *
 * 46 tokens a sample: 122,128 in 2,646 samples of 25 facts (docs/experiments.md).
 */
import { planDataset } from '../datasets/dataset-plan.ts';
import { warmFormsOf, warmPlanFor } from '../datasets/warm-samples.ts';
import type { RecipeName } from '../../contract/entities/training.ts';
import type { PlanDecision } from './plan.ts';

const tokensPerSample = 46;
/** How many ways to train are remembered. */
const mostCounted = 8;

/** A training before it is laid out. */
export type CountedTraining = {
  readonly decision: PlanDecision;
  readonly factCount: number;
  readonly recipe: RecipeName;
  readonly seed: number;
  readonly baseModelId: string;
};

export type TokenCounts = ReturnType<typeof createTokenCounts>;

/** Tokens of the next training: as they were counted when it was last laid out in full, else roughly. */
export function createTokenCounts() {
  const counted = new Map<string, number>();
  let revision = 0;
  return {
    of: (training: CountedTraining): number =>
      (counted.size === 0 ? undefined : counted.get(keyOf(training))) ??
      roughTokens(training.decision, training.factCount, training.recipe),
    /** True where this was not known. */
    keep: (training: CountedTraining, tokens: number): boolean => {
      const key = keyOf(training);
      if (counted.get(key) === tokens) return false;
      counted.set(key, tokens);
      const [oldest] = counted.keys();
      if (counted.size > mostCounted && oldest !== undefined) counted.delete(oldest);
      revision += 1;
      return true;
    },
    /** Differs where something else is known. */
    revision: (): number => revision,
  };
}

function keyOf({ decision, factCount, recipe, seed, baseModelId }: CountedTraining): string {
  return JSON.stringify([baseModelId, recipe, seed, factCount, decision]);
}

/** Tokens of all passes; none where nothing is to be taught. */
export function roughTokens(decision: PlanDecision, factCount: number, recipe: RecipeName): number {
  if (decision.mode === 'nothing') return 0;
  if (decision.mode === 'rebuild') {
    const plan = planDataset(factCount, recipe);
    const perPass = plan.formsPerFact * factCount + plan.unknown + plan.pass + plan.bridge + plan.general;
    return perPass * plan.epochs * tokensPerSample;
  }
  const weak = decision.taught.filter((each) => each.why === 'weak').length;
  const taught = decision.taught.length - weak;
  const plan = warmPlanFor(recipe, factCount, weak);
  const forms = warmFormsOf(taught, weak);
  const perPass =
    forms.taught * taught +
    forms.weak * weak +
    forms.replay * decision.replayed.length +
    plan.unknown +
    plan.pass +
    plan.bridge +
    plan.general;
  return perPass * plan.epochs * tokensPerSample;
}
