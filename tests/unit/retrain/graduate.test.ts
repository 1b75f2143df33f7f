import { describe, expect, it } from 'vitest';
import { gradeOf } from '../../../electron/core/retrain/graduate.ts';

describe('graduation', () => {
  it.each([
    ['learned', 5, 5, 0],
    ['learned', 4, 5, 0],
    ['learned', 8, 10, 0],
    ['weak', 7, 9, 0],
    ['weak', 3, 5, 0],
    ['weak', 0, 5, 0],
    // One answer with another fact's value is one too many.
    ['weak', 9, 10, 1],
    ['weak', 4, 5, 1],
    // Too few questions fail a fact or leave it open; they never pass it.
    ['untested', 4, 4, 0],
    ['untested', 1, 1, 0],
    ['weak', 1, 4, 0],
    ['weak', 3, 4, 1],
    ['untested', 0, 0, 0],
  ] as const)('is %s with %i of %i right and %i mixed up', (grade, right, asked, mixedUp) => {
    expect(gradeOf({ right, asked, mixedUp })).toBe(grade);
  });

  it('takes its word from a fact whose answer its owner called wrong', () => {
    expect(gradeOf({ right: 10, asked: 10, mixedUp: 0, toldWrong: true })).toBe('weak');
  });

  it('leaves open what was never asked', () => {
    expect(gradeOf(undefined)).toBe('untested');
  });
});
