/**
 * Settling a conflict: of two values that were given for the same thing, which holds. Pure; all versions of the thing go
 * in, those that stand otherwise afterwards come out.
 *
 * one-right: the other one is neither true now nor was it; it stays as a row, is said nowhere and is taught to nobody.
 * different-times: the other one ended. both-true: both are in force.
 */
import { AppError } from '../../contract/errors.ts';
import { compareDates } from './dates.ts';
import { assertOrder, dateOr } from './fact-input.ts';
import type { FactVersion } from './fact-version.ts';

export type Settlement = {
  readonly keep: FactVersion;
  readonly other: FactVersion;
  readonly how: 'one-right' | 'different-times' | 'both-true';
  /** The day the other one ended; today where absent. */
  readonly until?: string | undefined;
};

/** The versions that change. Throws `invalid-input` where the two are in no conflict. */
export function settleConflict(
  { keep, other, how, until }: Settlement,
  versions: readonly FactVersion[],
  today: string,
): FactVersion[] {
  if (keep.id === other.id || !keep.conflictsWith.includes(other.id)) {
    throw new AppError('invalid-input', `"${keep.value}" and "${other.value}" are in no conflict.`, {
      hint: 'See the open ones with: keepsake facts list --where state=retired, or under Facts, Conflicts.',
    });
  }
  const changed = new Map<string, FactVersion>();
  const now = (id: string): FactVersion | undefined =>
    changed.get(id) ?? versions.find((version) => version.id === id);
  const unlink = (version: FactVersion, ids: readonly string[]): readonly string[] =>
    version.conflictsWith.filter((id) => !ids.includes(id));
  const right: FactVersion = { ...keep, standing: 'standing', conflictsWith: unlink(keep, [other.id]) };
  if (how === 'both-true') {
    return [right, { ...other, standing: 'standing', conflictsWith: unlink(other, [keep.id]) }];
  }
  // What else contradicted the value that goes now contradicts the one that stays.
  const rest = other.conflictsWith.filter((id) => id !== keep.id);
  const moved = other.standing === 'lost' ? [] : rest;
  changed.set(keep.id, { ...right, conflictsWith: [...new Set([...right.conflictsWith, ...moved])].sort() });
  for (const id of rest) {
    const third = now(id);
    if (third === undefined) continue;
    const others = third.conflictsWith.filter((each) => each !== other.id);
    const links = moved.includes(id) ? [...new Set([...others, keep.id])].sort() : others;
    changed.set(id, { ...third, conflictsWith: links });
  }
  changed.set(other.id, how === 'one-right' ? toWrong(other) : toFormer(other, until, today));
  if (how === 'different-times') {
    const first = changed.get(keep.id) ?? right;
    changed.set(keep.id, { ...first, supersedes: first.supersedes ?? other.id });
  }
  return [...changed.values()];
}

/** Without an end: what has ended would be said as former. */
function toWrong(version: FactVersion): FactVersion {
  return { ...version, standing: 'lost', validTo: null, conflictsWith: [] };
}

function toFormer(version: FactVersion, until: string | undefined, today: string): FactVersion {
  const validTo = dateOr(until, 'until', null) ?? today;
  if (compareDates(validTo, today) > 0) {
    throw new AppError('invalid-input', `"until" is ${validTo}, which is still to come.`, {
      hint: 'Give the day on which it ended. A value that still holds is settled as both true.',
    });
  }
  assertOrder(version.validFrom, validTo);
  return { ...version, standing: 'superseded', validTo, conflictsWith: [] };
}
