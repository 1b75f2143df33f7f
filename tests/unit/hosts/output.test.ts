import { describe, expect, it } from 'vitest';
import { describeProgress } from '../../../electron/hosts/cli/output.ts';
import { count, share } from '../../../electron/hosts/cli/words.ts';

describe('words on the command line', () => {
  it('tell progress in numbers, bytes as a share', () => {
    expect(
      describeProgress({ done: 3, total: 9, unit: 'steps', title: 'Learning', detail: 'loss 0.5' }),
    ).toBe('Learning 3/9 steps, loss 0.5');
    expect(describeProgress({ done: 30, total: 90, unit: 'bytes', title: 'Checking' })).toBe('Checking 33 %');
    expect(describeProgress({ done: 0, total: null, unit: 'samples', title: 'Preparing' })).toBe('Preparing');
  });
  it('count', () => {
    expect([count(0, 'fact'), count(1, 'fact'), count(2, 'fact')]).toEqual(['0 facts', '1 fact', '2 facts']);
  });
  it('give a rate with its interval and n, and none for nothing', () => {
    expect(share({ rate: 0.5, low: 0.24, high: 0.76, n: 10 })).toBe('0.50 (0.24-0.76, n = 10)');
    expect(share({ rate: null, low: 0, high: 1, n: 0 })).toBe('- (n = 0)');
  });
});
