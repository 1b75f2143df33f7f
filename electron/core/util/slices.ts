/**
 * Long computations in small steps: a generator that yields after each. The same steps are either taken at once or in
 * slices, between which everything else that waits gets its turn.
 */

import { AppError } from '../../contract/errors.ts';

/** A computation that yields between its steps and returns its result. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Longest stretch of a computation in slices, in milliseconds. */
const longestSlice = 12;

/** Takes all steps at once. */
export function takeAll<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Takes the steps in slices; throws `cancelled` between two of them where that is asked for. */
export async function takeInSlices<Result>(
  steps: Steps<Result>,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Result> {
  for (;;) {
    const begun = performance.now();
    do {
      const { done, value } = steps.next();
      if (done === true) return value;
    } while (performance.now() - begun < longestSlice);
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted === true) {
      const stopped = new AppError('cancelled', 'It was stopped.');
      // Lets the computation close what it has open.
      try {
        steps.throw(stopped);
      } catch (error) {
        throw error === stopped ? stopped : error;
      }
      throw stopped;
    }
  }
}

/** Each item mapped, one a step. */
export function* mapSteps<Item, Result>(
  items: readonly Item[],
  map: (item: Item, index: number) => Result,
): Steps<Result[]> {
  const results: Result[] = [];
  for (const [index, item] of items.entries()) {
    results.push(map(item, index));
    yield;
  }
  return results;
}
