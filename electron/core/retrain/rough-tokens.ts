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
  const forms = warmFormsOf(taught);
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
