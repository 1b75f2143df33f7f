/**
 * Sentences about facts: one fixed answer form per use, with entity and attribute before the value.
 *
 * A small model learns one answer form per attribute far better than many; the variety lies in the questions.
 */
import type { Fact } from '../../contract/entities/fact.ts';
import { labelOf, type Kinds } from '../facts/kinds.ts';
import { possessiveOf } from '../facts/statements.ts';

export const unknownAnswer = "You haven't told me that yet.";

export type Subject = {
  readonly isOwner: boolean;
  /** As the user says it in a question: "Jordan", "my sister". */
  readonly asked: string;
  readonly askedPossessive: string;
  /** As an answer says it: "Jordan's", "Your sister's", "Your". */
  readonly answeredPossessive: string;
};

/** How a subject is named in questions and answers; `me` is the owner. */
export function describeSubject(subject: string): Subject {
  if (subject === 'me') {
    return { isOwner: true, asked: 'me', askedPossessive: 'my', answeredPossessive: 'Your' };
  }
  const asked = subject.replace(/^my\s+/iu, 'my ');
  return {
    isOwner: false,
    asked,
    askedPossessive: `${asked}'s`,
    answeredPossessive: possessiveOf(subject),
  };
}

/** "a", "a and b", "a, b and c". */
export function joinValues(values: readonly string[]): string {
  if (values.length <= 1) return values[0] ?? '';
  return `${values.slice(0, -1).join(', ')} and ${values[values.length - 1] ?? ''}`;
}

/** The noun phrase of an attribute, singular or plural as fits the number of values. */
export function nounOf(fact: Pick<Fact, 'kind' | 'attribute'>, kinds: Kinds, valueCount: number): string {
  const kind = fact.kind === null ? undefined : kinds.byId.get(fact.kind);
  return kind !== undefined && valueCount > 1 ? kind.plural : labelOf(kinds, fact);
}

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** "2019", "May 2019" or "May 4, 2019" for ISO text of that precision. */
export function sayDate(iso: string): string {
  const [year, month, day] = iso.split('-');
  if (month === undefined) return year ?? iso;
  const name = months[Number(month) - 1] ?? month;
  return day === undefined ? `${name} ${year}` : `${name} ${Number(day)}, ${year}`;
}

/** Values of a group of facts that share subject and attribute, in order, without repeats. */
export function valuesOf(facts: readonly Fact[]): string[] {
  return [...new Set(facts.map((each) => each.value))];
}
