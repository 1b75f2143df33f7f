/** Errors as the page says them. */
import { AppError, toAppError } from '../../electron/contract/errors.ts';
import { text } from '../text/en.ts';

/** The error for a person; a connection that fails has no code of its own. */
export function nameError(error: unknown): AppError {
  const named = toAppError(error);
  const isUnreachable = error instanceof TypeError && /fetch|network/iu.test(error.message);
  return isUnreachable ? new AppError('internal', text.common.noAnswer, { cause: error }) : named;
}
