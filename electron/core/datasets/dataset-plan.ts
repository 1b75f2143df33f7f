/** How many samples of each kind a set of facts becomes. */
import type { RecipeName } from '../../contract/entities/training.ts';

/** Counts are those of one pass over the data; each pass takes other samples where the pools allow. */
export type DatasetPlan = {
  readonly epochs: number;
  readonly formsPerFact: number;
  readonly unknown: number;
  readonly pass: number;
  readonly bridge: number;
  /** General prompts that are held to the base's own answer; in place of `pass` where nothing is handed over. */
  readonly general: number;
  readonly maxBridgeStatements: number;
  /** Share of samples that carry one earlier exchange. */
  readonly conversationShare: number;
};

/** Sample counts for a number of facts: 25 facts give about 350, 240, 170 (or 150 general) and 120 in each pass. */
export function planDataset(factCount: number, recipe: RecipeName = 'routed'): DatasetPlan {
  if (recipe === 'quick') {
    return {
      epochs: 3,
      formsPerFact: 14,
      unknown: 50,
      pass: 50,
      bridge: 16,
      general: 0,
      maxBridgeStatements: 4,
      conversationShare: 0,
    };
  }
  const growth = Math.sqrt(Math.max(1, factCount) / 25);
  const isStandalone = recipe === 'standalone';
  return {
    epochs: recipe === 'paper' ? 5 : 3,
    formsPerFact: 15,
    unknown: Math.round(240 * growth),
    pass: isStandalone ? 0 : Math.round(172 * growth),
    bridge: Math.round(120 * growth),
    general: isStandalone ? Math.round(150 * growth) : 0,
    maxBridgeStatements: 6,
    conversationShare: 0.05,
  };
}

/** At most so many passes, and samples of a kind in each, of a training from the base. */
export type SampleLimits = Readonly<
  Partial<Record<'epochs' | 'formsPerFact' | 'unknown' | 'pass' | 'bridge' | 'general', number>>
>;

/** A plan that keeps to limits; what they do not name stays. */
export function limitPlan(plan: DatasetPlan, limits: SampleLimits): DatasetPlan {
  const least = (count: keyof SampleLimits): number => Math.min(plan[count], limits[count] ?? plan[count]);
  return {
    ...plan,
    epochs: Math.max(1, least('epochs')),
    formsPerFact: least('formsPerFact'),
    unknown: least('unknown'),
    pass: least('pass'),
    bridge: least('bridge'),
    general: least('general'),
  };
}
