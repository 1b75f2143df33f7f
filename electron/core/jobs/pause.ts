import { AppError } from '../../contract/errors.ts';

/** The reason that a paused job's signal is aborted with; everything else that aborts it is a cancellation. */
export const pausedByUser = new AppError('cancelled', 'Paused by the user.', {
  hint: 'Go on with: keepsake jobs resume',
});

/** True for a signal that asks for a pause. */
export function isPaused(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason === pausedByUser;
}
