import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { dataFolderLocked, withStorageErrors } from '../core/db/database-errors.ts';

/** The right to write to a data folder; the system takes it back when the process dies. */
export type DataLock = { readonly release: () => void };

/** Takes the only write lock of a data folder. Throws `data-folder-locked` when another process holds it. */
export function acquireDataLock(folder: string): DataLock {
  return withStorageErrors(folder, () => {
    const file = join(folder, 'lock.db');
    // Its journal gets the mode that the file has when it is opened.
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
    const db = new BetterSqlite(file, { timeout: 0 });
    try {
      db.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      db.close();
      if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')) {
        throw dataFolderLocked(folder, error);
      }
      throw error;
    }
    return {
      release: () => {
        if (db.open) db.close();
      },
    };
  });
}

/** True while some process holds the lock. Changes nothing. */
export function isDataLocked(folder: string): boolean {
  const file = join(folder, 'lock.db');
  if (!existsSync(file)) return false;
  try {
    const db = new BetterSqlite(file, { timeout: 0, readonly: true });
    try {
      // A reader needs a shared lock, which an exclusive one refuses.
      db.prepare('SELECT count(*) FROM sqlite_schema').get();
      return false;
    } finally {
      db.close();
    }
  } catch (error) {
    return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
  }
}
