/**
 * The identity of everything a training is set to but its facts: where it differs, an adapter does not count as the
 * same, and nothing starts from it.
 */
import { createHash } from 'node:crypto';
import { planDataset } from '../datasets/dataset-plan.ts';
import { targetModules, type Recipe } from './recipe.ts';

/** The count of facts for which sample counts stand in the identity. */
const sampleFactCount = 25;

/** Hash of the hyper-parameters, the sample counts and the system text. */
export function hashSettings(recipe: Recipe, systemText: string): string {
  const plan = planDataset(sampleFactCount, recipe.name);
  const text = JSON.stringify([sortedEntries(recipe), sortedEntries(plan), targetModules, systemText]);
  return createHash('sha256').update(text).digest('hex');
}

function sortedEntries(value: object): [string, unknown][] {
  return Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
}
