import { describe, expect, it } from 'vitest';
import { limitPlan, planDataset } from '../../../electron/core/datasets/dataset-plan.ts';
import { sampleLimits } from '../../../electron/platform/sample-limits.ts';
import { appErrorOf } from '../../helpers/errors.ts';

describe('limits of samples', () => {
  it('lower what they name and leave the rest of the recipe as it is', () => {
    const plan = planDataset(12);
    const limits = sampleLimits('unknown=60, pass=40,bridge=9999,epochs=2');
    expect(limitPlan(plan, limits ?? {})).toEqual({ ...plan, unknown: 60, pass: 40, epochs: 2 });
    expect(limitPlan(plan, { epochs: 0 }).epochs).toBe(1);
  });

  it('are none where nothing is said', () => {
    expect([sampleLimits(undefined), sampleLimits(' ')]).toEqual([undefined, undefined]);
    expect(limitPlan(planDataset(12), {})).toEqual(planDataset(12));
  });

  it.each(['rank=4', 'unknown=-1', 'unknown', 'unknown=60;pass=40'])('refuse "%s"', async (text) => {
    expect(await appErrorOf(() => sampleLimits(text))).toMatchObject({ code: 'invalid-input' });
  });
});
