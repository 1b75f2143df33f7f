import { describe, expect, it } from 'vitest';
import { recipeName } from '../../../electron/contract/entities/training.ts';
import { recipeFor } from '../../../electron/core/training/recipe.ts';

describe('a recipe', () => {
  it.each(recipeName.options)('%s carries its own name and a scale of 2', (name) => {
    const { name: own, alpha, rank } = recipeFor(name, 135e6);
    expect([own, alpha / rank]).toEqual([name, 2]);
  });

  it('learns the slower the larger the base is', () => {
    const rates = [135e6, 999e6, 1e9, 4.9e9, 5e9, 70e9].map((size) => recipeFor('routed', size).learningRate);
    expect(rates).toEqual([1.5e-3, 1.5e-3, 5e-4, 5e-4, 2e-4, 2e-4]);
  });

  it('paper keeps the numbers of its report, whatever the base', () => {
    const numbers = [135e6, 7e9].map((size) => {
      const { rank, alpha, learningRate, batchSize } = recipeFor('paper', size);
      return { rank, alpha, learningRate, batchSize };
    });
    const report = { rank: 64, alpha: 128, learningRate: 3e-4, batchSize: 8 };
    expect(numbers).toEqual([report, report]);
  });

  it('standalone alone answers everything itself', () => {
    const alone = recipeName.options.filter((name) => recipeFor(name, 135e6).objective === 'standalone');
    expect(alone).toEqual(['standalone']);
  });

  it('low-memory differs from the default in rank and batch alone', () => {
    const { name: _name, ...small } = recipeFor('low-memory', 135e6);
    expect(recipeFor('routed', 135e6)).toMatchObject({ ...small, rank: 16, alpha: 32, batchSize: 4 });
    expect([small.rank, small.alpha, small.batchSize]).toEqual([8, 16, 2]);
  });
});
