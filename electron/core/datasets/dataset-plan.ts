/** How many samples of each kind a set of facts becomes. */
import type { RecipeName } from '../../contract/entities/training.ts';

export type DatasetPlan = {
  readonly formsPerFact: number;
  readonly unknown: number;
  readonly pass: number;
  readonly bridge: number;
  readonly maxBridgeStatements: number;
  /** Share of samples that carry one earlier exchange. */
  readonly conversationShare: number;
};

/** Sample counts for a number of facts: 25 facts give about 300, 240, 160 and 120. */
export function planDataset(factCount: number, recipe: RecipeName = 'routed'): DatasetPlan {
  if (recipe === 'quick') {
    return {
      formsPerFact: 12,
      unknown: 60,
      pass: 60,
      bridge: 24,
      maxBridgeStatements: 4,
      conversationShare: 0,
    };
  }
  const growth = Math.sqrt(Math.max(1, factCount) / 25);
  return {
    formsPerFact: 12,
    unknown: Math.round(240 * growth),
    pass: Math.round(160 * growth),
    bridge: Math.round(120 * growth),
    maxBridgeStatements: 6,
    conversationShare: 0.05,
  };
}
