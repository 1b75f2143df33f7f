/** Fields of a change as a person gives them, checked and written as they are stored. */
import { AppError } from '../../contract/errors.ts';
import { compareDates } from './dates.ts';
import { cleanDate, DraftProblem } from './draft-rules.ts';

/** The stored form of a date that may be absent. Throws `invalid-input`. */
export function dateOr(text: string | undefined, field: string, fallback: string | null): string | null {
  return text === undefined ? fallback : asInput(() => cleanDate(field, text));
}

/** Throws `invalid-input` for an end before the start. */
export function assertOrder(validFrom: string | null, validTo: string | null): void {
  if (validFrom !== null && validTo !== null && compareDates(validTo, validFrom) < 0) {
    throw new AppError('invalid-input', `The end date ${validTo} lies before the start date ${validFrom}.`, {
      hint: 'Give an end date on or after the start date.',
    });
  }
}

/** Turns a problem with a fact into the error a person reads. */
export function asInput<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof DraftProblem)) throw error;
    const sentence = `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`;
    throw new AppError('invalid-input', `The fact was not saved. ${sentence}`, {
      hint: 'See: keepsake facts add --help',
      cause: error,
    });
  }
}
