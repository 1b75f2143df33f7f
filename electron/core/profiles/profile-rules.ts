/** What a profile may be called, and which one is meant by a word of the user. */
import { AppError } from '../../contract/errors.ts';

/** The profile of a data folder in which none was made yet. */
export const defaultProfileId = 'default';
/** What it is called until it is given another name. */
export const defaultProfileName = 'Default';

/** Longest name, in characters. */
const longestName = 60;
/** Shortest part of an id that may stand for it. */
const shortestPrefix = 6;

/** A name as it is kept: composed, one line, no spaces around. Throws `invalid-input`. */
export function cleanProfileName(text: string): string {
  const name = text.normalize('NFC').replace(/\s+/gu, ' ').trim();
  if (name === '') throw refuse('The name is empty.');
  if (Array.from(name).length > longestName)
    throw refuse(`The name is longer than ${longestName} characters.`);
  // Control characters, format characters (such as those that turn the direction of writing) and lone surrogates.
  if (/[\p{Cc}\p{Cf}\p{Cs}]/u.test(name)) throw refuse('The name holds characters that cannot be seen.');
  return name;
}

/** A name as it is compared: letter case does not count. */
export function profileNameKey(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

type Named = { readonly id: string; readonly name: string };

/** The profile that an id, a name or the beginning of an id stands for. Throws `not-found` or `invalid-input`. */
export function pickProfile<Profile extends Named>(profiles: readonly Profile[], reference: string): Profile {
  const word = reference.trim();
  const exact =
    profiles.find((profile) => profile.id === word) ??
    profiles.find((profile) => profileNameKey(profile.name) === profileNameKey(word));
  if (exact !== undefined) return exact;
  const found = word.length < shortestPrefix ? [] : profiles.filter((profile) => profile.id.startsWith(word));
  const [only] = found;
  if (found.length > 1) {
    throw new AppError('invalid-input', `Several profiles begin with ${word}.`, {
      hint: 'Give the name or more characters of the id; `keepsake profiles list` shows them.',
    });
  }
  if (only === undefined) {
    throw new AppError('not-found', `There is no profile ${word === '' ? 'without a name' : word}.`, {
      hint: 'See which there are with: keepsake profiles list',
    });
  }
  return only;
}

/** Refuses a name that another profile has, as its name or as its id. */
export function assertNameIsFree(profiles: readonly Named[], name: string, ownId?: string): void {
  const key = profileNameKey(name);
  const taken = profiles.find(
    (profile) => profile.id !== ownId && (profileNameKey(profile.name) === key || profile.id === key),
  );
  if (taken === undefined) return;
  throw new AppError('conflict', `There is a profile called ${taken.name} already.`, {
    hint: 'Choose another name.',
  });
}

/** A name that nobody has: the wanted one, else with a number behind it. */
export function freeName(profiles: readonly Named[], wanted: string): string {
  const isFree = (name: string): boolean => {
    const key = profileNameKey(name);
    return !profiles.some((profile) => profileNameKey(profile.name) === key || profile.id === key);
  };
  for (let number = 1; ; number += 1) {
    const ending = number === 1 ? '' : ` (${number})`;
    const name = `${Array.from(wanted)
      .slice(0, longestName - ending.length)
      .join('')
      .trim()}${ending}`;
    if (isFree(name)) return name;
  }
}

function refuse(message: string): AppError {
  return new AppError('invalid-input', message, { hint: 'Choose another name for the profile.' });
}
