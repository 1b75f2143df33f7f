import { describe, expect, it } from 'vitest';
import { mapSteps, takeAll, takeInSlices, type Steps } from '../../../electron/core/util/slices.ts';

function* squares(count: number): Steps<number[]> {
  const numbers = Array.from({ length: count }, (_unused, index) => index);
  return yield* mapSteps(numbers, (number) => {
    const until = performance.now() + 2;
    while (performance.now() < until);
    return number * number;
  });
}

describe('a computation in steps', () => {
  it('gives the same at once and in slices', async () => {
    expect(takeAll(squares(5))).toEqual([0, 1, 4, 9, 16]);
    expect(await takeInSlices(squares(5))).toEqual([0, 1, 4, 9, 16]);
  });

  it('lets others have their turn between its slices', async () => {
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    await takeInSlices(squares(60));
    isOver = true;
    expect(turns).toBeGreaterThan(4);
  });

  it('fails with what a step threw', async () => {
    const failing = mapSteps([1], () => {
      throw new Error('no');
    });
    await expect(takeInSlices(failing)).rejects.toThrow('no');
  });
});
