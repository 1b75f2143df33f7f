import { describe, expect, it } from 'vitest';
import { planDataset } from '../../../electron/core/datasets/dataset-plan.ts';
import { warmFormsOf, warmPlanFor } from '../../../electron/core/datasets/warm-samples.ts';

const countsOf = (facts: number, weak = 0): readonly number[] => {
  const { unknown, pass } = warmPlanFor('routed', facts, weak);
  return [unknown, pass];
};

describe('the counts of a warm start', () => {
  it('grow with the facts that are repeated, from fifty on', () => {
    expect([countsOf(12), countsOf(50), countsOf(200)]).toEqual([
      [35, 23],
      [35, 23],
      [70, 46],
    ]);
  });

  it('grow with the weak facts beyond a sixth of all, to those of a training from the base at most', () => {
    expect([countsOf(12, 2), countsOf(12, 6)]).toEqual([
      [35, 23],
      [71, 47],
    ]);
    const { unknown, pass } = planDataset(12, 'routed');
    const [most, mostPass] = countsOf(12, 1000);
    expect([most, mostPass]).toEqual([unknown, pass]);
  });

  it('give the changed facts fewer forms each the more there are', () => {
    expect([1, 3, 8].map((taught) => warmFormsOf(taught, 0).taught)).toEqual([40, 30, 15]);
  });

  it('give many weak facts fewer forms each, never fewer than a repeated one has, and no more beside them', () => {
    expect([8, 17, 1000].map((weak) => warmFormsOf(1, weak).weak)).toEqual([8, 3, 3]);
    expect(warmFormsOf(1, 1000).replay).toBe(2);
    expect([countsOf(50, 8), countsOf(50, 17)]).toEqual([
      [35, 23],
      [35, 23],
    ]);
  });
});
