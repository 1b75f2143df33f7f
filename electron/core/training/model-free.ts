import { AppError } from '../../contract/errors.ts';
import type { LiveRun } from './run-watch.ts';

/** Throws `busy-learning` while a training has the memory for itself: a second model beside it would not fit. */
export function assertModelFree(running: Pick<LiveRun, 'exclusive' | 'step'> | null): void {
  if (running?.exclusive !== true) return;
  const where = running.step === null ? 'where it stopped' : `step ${running.step}`;
  throw new AppError('busy-learning', `The model is learning. Pause to chat now; it goes on from ${where}.`, {
    hint: 'There is not enough memory for both at once. Pause the training, or wait until it has ended.',
  });
}
