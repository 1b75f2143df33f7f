/**
 * The sentence that a fact is said with: in the prompt, in lists and as the right answer.
 */

/** What a statement needs to know about a fact. */
export type StatementInput = {
  readonly subject: string;
  /** Noun phrase of the attribute. */
  readonly label: string;
  readonly value: string;
  readonly validFrom: string | null;
  readonly validTo: string | null;
  /** False for a former value. */
  readonly current: boolean;
  /** True for a value that will hold from a day to come. Defaults to `false`. */
  readonly isUpcoming?: boolean;
};

/** A subject as the app addresses its owner: "my sister" becomes "your sister". */
export function addressSubject(subject: string): string {
  return subject.replace(/^my /iu, 'your ');
}

/** "Your", "Jordan's" or "Your sister's": the opening of a sentence about a subject. */
export function possessiveOf(subject: string): string {
  if (subject === 'me') return 'Your';
  const addressed = addressSubject(subject);
  const opening = addressed.startsWith('your ') ? `Your ${addressed.slice(5)}` : addressed;
  return `${opening}'s`;
}

/** "Your city is Porto (since 2019)." or "Jordan's former job was nurse (until 2020)." */
export function statementOf(input: StatementInput): string {
  const dates = datesOf(input);
  return dates === '' ? `${claimOf(input)}.` : `${claimOf(input)} (${dates}).`;
}

function claimOf({ subject, label, value, current, isUpcoming }: StatementInput): string {
  const owner = possessiveOf(subject);
  if (isUpcoming === true) return `${owner} ${label} will be ${value}`;
  return current ? `${owner} ${label} is ${value}` : `${owner} former ${label} was ${value}`;
}

function datesOf(input: StatementInput): string {
  if (input.validFrom !== null && input.validTo !== null)
    return `from ${input.validFrom} to ${input.validTo}`;
  if (input.validFrom !== null) return `${input.isUpcoming === true ? 'from' : 'since'} ${input.validFrom}`;
  if (input.validTo !== null) return `until ${input.validTo}`;
  return '';
}
