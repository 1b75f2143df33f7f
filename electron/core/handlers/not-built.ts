import { AppError } from '../../contract/errors.ts';

/** Stands where a handler will be. */
export function notBuilt(): never {
  throw new AppError('internal', 'This is not built yet.');
}
