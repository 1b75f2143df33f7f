/** The key that programs must show: 256 random bits, kept in the data folder, readable by its owner only. */
import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { AppError } from '../../contract/errors.ts';
import { withStorageErrors } from '../../core/db/database-errors.ts';

const keyBytes = 32;
/** Shortest key of the user's own. */
const shortestKey = 32;

export type Key = { readonly key: string; readonly isNew: boolean };

/** The key of a file; made where there is none, or with `renew`. */
export function readOrCreateKey(
  file: string,
  folder: string,
  options: { readonly renew?: boolean } = {},
): Key {
  return withStorageErrors(folder, () => {
    if (options.renew === true) rmSync(file, { force: true });
    return findKey(file) ?? createKey(file);
  });
}

/** The key of a file, if there is one. */
export function findKey(file: string): Key | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (!stats.isFile() || stats.size > 4096) throw unusable(file);
  const key = readFileSync(file, 'utf8').trim();
  if (key.length < shortestKey || !/^[\x21-\x7e]+$/u.test(key)) throw unusable(file);
  // Others may have been let in by a copy.
  if (process.platform !== 'win32' && (stats.mode & 0o077) !== 0) chmodSync(file, 0o600);
  return { key, isNew: false };
}

/** Written whole and then given its name, so that two that start at once agree on one key. */
function createKey(file: string): Key {
  const key = `keepsake-${randomBytes(keyBytes).toString('base64url')}`;
  const partial = `${file}.${process.pid}.partial`;
  try {
    writeFileSync(partial, `${key}\n`, { mode: 0o600, flag: 'w' });
    linkSync(partial, file);
    return { key, isNew: true };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      return findKey(file) ?? { key, isNew: true };
    throw error;
  } finally {
    rmSync(partial, { force: true });
  }
}

function unusable(file: string): AppError {
  return new AppError(
    'invalid-input',
    `The key in ${file} cannot be used: it must be ${shortestKey} or more visible characters.`,
    {
      hint: 'Make a new key (--new-key).',
    },
  );
}
