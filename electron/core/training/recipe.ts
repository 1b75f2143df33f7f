/**
 * Recipes: every hyper-parameter of a training, by name.
 *
 * `routed` is the default; `standalone` answers everything itself, for merged files and programs that know no routing,
 * and is held to the base on general prompts; `paper` has the numbers of the personal-memory report (rank 64, alpha 128, 3e-4, five
 * epochs; no dropout, which ggml has no gradient for); `low-memory` halves rank and batch; `quick` is a taste that proves
 * nothing. How many samples and passes each takes is in datasets/dataset-plan.ts.
 */
import type { Objective, RecipeName } from '../../contract/entities/training.ts';

export const targetModules = [
  'attn_q',
  'attn_k',
  'attn_v',
  'attn_output',
  'ffn_gate',
  'ffn_up',
  'ffn_down',
] as const;

export type Recipe = {
  readonly name: RecipeName;
  readonly objective: Objective;
  readonly rank: number;
  readonly alpha: number;
  readonly learningRate: number;
  readonly finalLearningRateFraction: number;
  readonly warmupSteps: number;
  readonly weightDecay: number;
  readonly maxGradientNorm: number;
  /** Sequences per optimiser step. */
  readonly batchSize: number;
  /** Share of the steps, the last ones, whose mean weights are the result (arXiv:1803.05407); 0 = the last weights. */
  readonly averageLast: number;
  /** Loss weight of the single answer token of a pass sample. */
  readonly passWeight: number;
  /** Loss weight of each answer token of a general sample (KL to the base). */
  readonly generalWeight: number;
};

const routed: Recipe = {
  name: 'routed',
  objective: 'routed',
  rank: 16,
  alpha: 32,
  learningRate: 2e-4,
  finalLearningRateFraction: 0.1,
  warmupSteps: 10,
  weightDecay: 0,
  maxGradientNorm: 1,
  batchSize: 8,
  averageLast: 0.15,
  passWeight: 2,
  generalWeight: 2,
};

/** The hyper-parameters of a recipe for a base of about `parameterCount` weights. */
export function recipeFor(name: RecipeName, parameterCount: number): Recipe {
  const sized = { ...routed, ...pacedFor(parameterCount) };
  switch (name) {
    case 'routed':
      return sized;
    case 'standalone':
      return { ...sized, name, objective: 'standalone' };
    case 'paper':
      return { ...sized, name, rank: 64, alpha: 128, learningRate: 3e-4, batchSize: 8, averageLast: 0 };
    case 'quick':
      return { ...sized, name };
    case 'low-memory':
      return { ...sized, name, rank: 8, alpha: 16, batchSize: sized.batchSize / 2 };
  }
}

/** The first row was measured on a base of 135M (docs/experiments.md); the others are the usual rates. */
function pacedFor(parameterCount: number): Pick<Recipe, 'learningRate' | 'batchSize'> {
  if (parameterCount < 1e9) return { learningRate: 1.5e-3, batchSize: 4 };
  if (parameterCount < 5e9) return { learningRate: 5e-4, batchSize: 8 };
  return { learningRate: 2e-4, batchSize: 8 };
}

/**
 * The recipe of a training that starts from an adapter; a short warm-up suits its few steps.
 *
 * Warm: nearly all is known already, and Adam, whose moments begin anew, would make full steps of its small noisy
 * gradients: a tenth of the rate and the mean of more steps keep what was known. Repair: what it teaches was not learnt
 * at the full rate, so that it may move more. Measured in docs/results/warm-retrain.md.
 */
export function continuedRecipe(recipe: Recipe, mode: 'warm' | 'repair'): Recipe {
  const learningRate = recipe.learningRate * (mode === 'warm' ? 0.1 : 0.3);
  const averageLast = mode === 'warm' ? 0.3 : recipe.averageLast;
  return { ...recipe, learningRate, averageLast, warmupSteps: 5 };
}
