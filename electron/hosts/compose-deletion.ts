/** Deletes all that a person has told, and what came of it, from a data folder. */
import { existsSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AppError } from '../contract/errors.ts';
import { withStorageErrors } from '../core/db/database-errors.ts';
import { acquireDataLock } from '../platform/data-lock.ts';
import { dataPathsOf } from './compose-folder.ts';

/** What was asked of an app that closes; see compose-order.ts. */
export const orderFile = 'after-close.json';

/** What is made in a data folder and may hold something personal. The databases go last: they say that it is one. */
const personalNames: readonly string[] = [
  'profiles',
  'backups',
  'logs',
  'persona.json',
  'openai-key',
  'exports',
  'orders',
];
/** Of the window, which may be open still: on some systems what it holds can only go with it. */
const windowFolder = 'window';

export type Deletion = {
  /** Names in the data folder that are gone. */
  readonly deleted: readonly string[];
  /** Names that stay: base models unless they were to go, and files that Keepsake did not make. */
  readonly kept: readonly string[];
  readonly modelBytes: number;
};

/** Deletes every profile, the databases, logs, copies and keys. Throws where another process works in the folder. */
export function deleteAll(data: string | undefined, options: { readonly models: boolean }): Deletion {
  const paths = dataPathsOf(data);
  if (!existsSync(paths.appDatabase) && !existsSync(paths.profiles)) {
    throw new AppError('not-found', `There is no data of Keepsake in ${paths.data}.`, {
      hint: 'Name the data folder with --data.',
    });
  }
  const lock = acquireDataLock(paths.data);
  return withStorageErrors(paths.data, () => {
    try {
      const before = readdirSync(paths.data);
      const database = basename(paths.appDatabase);
      const names = [
        ...personalNames,
        ...(options.models ? ['models'] : []),
        ...['-wal', '-shm', '-journal', '.partial', ''].map((ending) => `${database}${ending}`),
      ];
      for (const name of [...names, orderFile])
        rmSync(join(paths.data, name), { recursive: true, force: true });
      removeIfPossible(join(paths.data, windowFolder));
      const deleted = before.filter((name) => !existsSync(join(paths.data, name)));
      const kept = readdirSync(paths.data).filter((name) => !name.startsWith('lock.db'));
      // While it is held: whoever comes now begins anew with a lock of their own.
      rmSync(join(paths.data, 'lock.db'), { force: true });
      const modelBytes = kept.includes('models') ? sizeOf(join(paths.data, 'models')) : 0;
      return { deleted, kept, modelBytes };
    } finally {
      lock.release();
      removeIfEmpty(paths.data);
    }
  });
}

function removeIfPossible(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Named among what stays.
  }
}

/** Somebody may have begun anew in the same moment, and the folder may be one of the user's own. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It stays, empty or with what is new.
  }
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(folder, name)))
    .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
}
