import { AppError, toAppError } from '../../electron/contract/errors.ts';

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

/** Code, message and hint of the error that a call through the contract ends with. Throws when there is none. */
export async function errorOfCall(
  call: Promise<unknown>,
): Promise<Pick<AppError, 'code' | 'message' | 'hint'>> {
  try {
    await call;
  } catch (error) {
    const { code, message, hint } = toAppError(error);
    return { code, message, hint };
  }
  throw new Error('expected an error, but none was thrown');
}
