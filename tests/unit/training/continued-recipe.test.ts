import { describe, expect, it } from 'vitest';
import { continuedRecipe, recipeFor } from '../../../electron/core/training/recipe.ts';

describe('a training that starts from an adapter', () => {
  const full = recipeFor('routed', 135_000_000);

  it('moves a warm start less than a repair, and both less than a training from the base', () => {
    const warm = continuedRecipe(full, 'warm');
    const repair = continuedRecipe(full, 'repair');
    expect(warm.learningRate / full.learningRate).toBeCloseTo(0.1);
    expect(repair.learningRate / full.learningRate).toBeCloseTo(0.3);
    expect([warm.averageLast, repair.averageLast]).toEqual([0.3, full.averageLast]);
  });
});
