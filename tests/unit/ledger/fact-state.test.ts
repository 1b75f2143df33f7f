import { describe, expect, it } from 'vitest';
import { factStateOf, isProved } from '../../../electron/core/ledger/fact-state.ts';

const current = { current: true, neverTrain: false };

describe('proof', () => {
  it.each([
    [4, 5, true],
    [5, 5, true],
    [3, 4, false],
    [0, 5, false],
    [1, 1, true],
    [0, 0, false],
  ])('%i right of %i asked is proved: %s', (right, asked, proved) => {
    expect(isProved({ right, asked })).toBe(proved);
  });
});

describe('the state of a fact', () => {
  const proved = { right: 5, asked: 5 };
  const failed = { right: 1, asked: 5 };

  it.each([
    ['pending', { trained: false, entry: undefined, waiting: false }],
    ['in-prompt', { trained: true, entry: undefined, waiting: false }],
    ['in-prompt', { trained: true, entry: { right: 0, asked: 0 }, waiting: false }],
    ['in-weights', { trained: true, entry: proved, waiting: false }],
    ['in-weights', { trained: true, entry: proved, waiting: true }],
    ['weak', { trained: true, entry: failed, waiting: false }],
    ['waiting', { trained: true, entry: failed, waiting: true }],
    ['waiting', { trained: false, entry: undefined, waiting: true }],
    // Proof without training is luck: the fact is to be taught.
    ['pending', { trained: false, entry: proved, waiting: false }],
  ] as const)('is %s for %j', (state, input) => {
    expect(factStateOf({ fact: current, ...input })).toBe(state);
  });

  it('is in the prompt by choice when it is never to be trained', () => {
    const fact = { current: true, neverTrain: true };
    expect(factStateOf({ fact, trained: false, entry: undefined, waiting: false })).toBe('in-prompt');
    expect(factStateOf({ fact, trained: false, entry: undefined, waiting: true })).toBe('waiting');
  });

  it('is retired once it is over, whatever was proved', () => {
    expect(
      factStateOf({
        fact: { current: false, neverTrain: false },
        trained: true,
        entry: proved,
        waiting: true,
      }),
    ).toBe('retired');
  });
});
