import { describe, expect, it } from 'vitest';
import { factFlagsOf, factStateOf } from '../../../electron/core/ledger/fact-state.ts';

const current = { current: true, neverTrain: false };

describe('the state of a fact', () => {
  it.each([
    ['pending', { trained: false, grade: 'untested' }],
    // Proof without training is luck: the fact is to be taught.
    ['pending', { trained: false, grade: 'learned' }],
    ['in-prompt', { trained: true, grade: 'untested' }],
    ['in-weights', { trained: true, grade: 'learned' }],
    ['weak', { trained: true, grade: 'weak' }],
  ] as const)('is %s for %j', (state, input) => {
    expect(factStateOf({ fact: current, ...input })).toBe(state);
  });

  it('is in the prompt by choice when it is never to be trained', () => {
    const fact = { current: true, neverTrain: true };
    expect(factStateOf({ fact, trained: false, grade: 'untested' })).toBe('in-prompt');
  });

  it('is retired once it is over, whatever was proved', () => {
    const fact = { current: false, neverTrain: false };
    expect(factStateOf({ fact, trained: true, grade: 'learned' })).toBe('retired');
  });
});

describe('the flags of a fact', () => {
  const calm = { current: true, conflictsWith: [] };

  it('say that it waits where it should ride in the prompt and finds no room', () => {
    expect(factFlagsOf(calm, 'weak', true)).toEqual(['waiting']);
    expect(factFlagsOf(calm, 'weak', false)).toEqual([]);
  });

  it('never say so of one that the model knows by itself', () => {
    expect(factFlagsOf(calm, 'in-weights', true)).toEqual([]);
  });

  it('say of both values that they contradict each other', () => {
    expect(factFlagsOf({ current: true, conflictsWith: ['b'] }, 'pending', true)).toEqual([
      'conflict',
      'waiting',
    ]);
    expect(factFlagsOf({ current: false, conflictsWith: ['a'] }, 'retired', false)).toEqual(['conflict']);
  });
});
