/**
 * A file on its way: `NAME.partial` with the bytes so far, `NAME.partial.json` with where they come from, and
 * `NAME.partial.lock` while a process works on it. The final name appears by a rename, when all is proved.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { open, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '../contract/errors.ts';

const partialState = z.object({
  version: z.literal(1),
  url: z.string(),
  etag: z.string().nullable(),
  totalBytes: z.number().int().nonnegative().nullable(),
  sha256: z.string().nullable(),
});
/** Where the bytes of a partial file come from. */
export type PartialState = z.infer<typeof partialState>;

/** The places of a file on its way. */
export type PartialPlaces = {
  readonly final: string;
  readonly partial: string;
  readonly state: string;
  readonly lock: string;
};

/** Names of everything that belongs to a download of `file`. */
export function partialPlaces(file: string): PartialPlaces {
  const partial = `${file}.partial`;
  return { final: file, partial, state: `${partial}.json`, lock: `${partial}.lock` };
}

/** Bytes that are there already; 0 where there is no partial file. */
export function partialSize({ partial }: PartialPlaces): number {
  return statSync(partial, { throwIfNoEntry: false })?.size ?? 0;
}

/** What is known about the bytes; null where nothing or nonsense is written. */
export function readPartialState({ state }: PartialPlaces): PartialState | null {
  try {
    return partialState.parse(JSON.parse(readFileSync(state, 'utf8')));
  } catch {
    return null;
  }
}

/** Writes the state as a whole or not at all. */
export async function writePartialState(places: PartialPlaces, state: PartialState): Promise<void> {
  const temporary = `${places.state}.new`;
  await writeFile(temporary, `${JSON.stringify(state)}\n`, { mode: 0o600 });
  await rename(temporary, places.state);
}

/** Opens the bytes for writing at any place. */
export async function openPartial({ partial }: PartialPlaces): Promise<FileHandle> {
  return existsSync(partial) ? open(partial, 'r+') : open(partial, 'w+', 0o600);
}

/** Removes what was loaded so far. */
export function discardPartial({ partial, state }: PartialPlaces): void {
  for (const file of [partial, state, `${state}.new`]) rmSync(file, { force: true });
}

/** Gives the bytes their final name, and tells the disk. */
export function publishPartial({ partial, final, state }: PartialPlaces): void {
  renameSync(partial, final);
  if (process.platform !== 'win32') {
    const folder = openSync(dirname(final), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
  for (const file of [state, `${state}.new`]) rmSync(file, { force: true });
}

export type PartialLock = { readonly release: (options: { isDone: boolean }) => void };

/** The right to work on a download; the system takes it back when the process dies. Throws `conflict`. */
export function lockPartial({ lock, final }: PartialPlaces): PartialLock {
  const db = new BetterSqlite(lock, { timeout: 0 });
  try {
    // No journal beside it, which a kill would leave behind.
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    if (cause instanceof Error && 'code' in cause && String(cause.code).startsWith('SQLITE_BUSY')) {
      throw new AppError('conflict', `Another Keepsake process is downloading ${final} right now.`, {
        hint: 'Wait for it to end; the file can then be used here as well.',
        cause,
      });
    }
    throw cause;
  }
  return {
    release: ({ isDone }) => {
      // Whoever opens the lock from now on finds the finished file. After a failure it stays for the next try.
      if (isDone) rmSync(lock, { force: true });
      if (db.open) db.close();
    },
  };
}
