import { describe, expect, it } from 'vitest';
import type { Judgement } from '../../../electron/core/retrain/judgement.ts';
import { isNotWorse } from '../../../electron/core/retrain/repair.ts';

function judged(approved: boolean, right: number, learned: number): Judgement {
  const facts = Array.from({ length: 3 }, (_unused, index) => ({
    factId: `fact-${index}`,
    right: index < learned ? 8 : 2,
    asked: 8,
    mixedUp: 0,
  }));
  return { verdict: { approved, reasons: [] }, facts, right, asked: 100 };
}

describe('what comes of a repair round', () => {
  it.each([
    ['as much right and as many facts', judged(true, 80, 2), judged(true, 80, 2), true],
    ['more right, fewer facts', judged(true, 90, 1), judged(true, 80, 2), false],
    ['fewer right, more facts', judged(true, 79, 3), judged(true, 80, 2), false],
    ['it passes, which the one before did not', judged(true, 79, 1), judged(false, 80, 2), true],
    ['it fails, which the one before did not', judged(false, 99, 3), judged(true, 80, 2), false],
    ['both fail, this one less', judged(false, 81, 2), judged(false, 80, 2), true],
  ])('%s', (_what, repaired, before, kept) => {
    expect(isNotWorse(repaired, before)).toBe(kept);
  });

  it('is not compared where other questions were asked', () => {
    expect(isNotWorse({ ...judged(true, 80, 2), asked: 99 }, judged(true, 80, 2))).toBe(false);
  });
});
