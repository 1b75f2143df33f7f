import { AppError } from '../../electron/contract/errors.ts';

/** The AppError that `work` ends with. Throws when there is none. */
export async function appErrorOf(work: () => unknown): Promise<AppError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('expected an AppError, but nothing was thrown');
}
