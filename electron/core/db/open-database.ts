/**
 * Opens the databases of a data folder: for writing (migrated, WAL) or for reading, which never changes a file.
 */
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import BetterSqlite, { type Database } from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import type { Backups } from './backups.ts';
import { toStorageError, withStorageErrors } from './database-errors.ts';
import { assertKnownVersion, latestVersion, migrate, type Migration } from './migrate.ts';

/** How long a statement waits for another connection, in milliseconds. */
const busyTimeoutMs = 5000;

/** Where copies go before a database is written to. */
export type BackupPlan = {
  readonly backups: Pick<Backups, 'isDue' | 'take'>;
  /** A copy that cannot be made stops no work; this is told of it. */
  readonly onFailure: (error: unknown) => void;
};

/** Opens a database for writing, creates it when it is not there, and brings its schema up to date. */
export function openDatabase(file: string, migrations: readonly Migration[], plan?: BackupPlan): Database {
  return withStorageErrors(dirname(file), () => {
    // Its write-ahead log gets the mode that the file has when it is opened.
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
    const db = new BetterSqlite(file, { timeout: busyTimeoutMs });
    try {
      // A newer schema is refused before anything is written, the journal mode included.
      const version = assertKnownVersion(db, migrations);
      db.pragma('journal_mode = WAL');
      applyPragmas(db);
      // A new database has nothing to lose.
      if (plan !== undefined && version > 0) backUp(db, version < latestVersion(migrations), plan);
      migrate(db, migrations);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** Copies a database where a migration is coming or the first copy of the day is due. */
export function backUp(db: Database, isMigrating: boolean, { backups, onFailure }: BackupPlan): void {
  try {
    if (isMigrating) backups.take(db, 'migration');
    else if (backups.isDue()) backups.take(db, 'daily');
  } catch (error) {
    onFailure(error);
  }
}

/**
 * Opens a database for reading only.
 *
 * A file that is not there reads as empty, an older schema is migrated in memory, and a folder that SQLite cannot
 * read in place (WAL on a read-only disk) is read from a private copy below `temporaryFolder`, which goes at once.
 */
export function openDatabaseForReading(
  file: string,
  migrations: readonly Migration[],
  temporaryFolder: string,
): Database {
  if (!existsSync(file) || isUnwritten(file)) return openMemoryDatabase(migrations);
  return withStorageErrors(dirname(file), () => {
    const atRest = readAtRest(file);
    if (atRest !== undefined) return migratedForReading(fromImage(atRest), migrations);
    try {
      return migratedForReading(
        new BetterSqlite(file, { readonly: true, timeout: busyTimeoutMs }),
        migrations,
      );
    } catch (error) {
      if (error instanceof AppError || !isUnreadableInPlace(error, file)) throw error;
      return migratedForReading(loadCopy(file, temporaryFolder), migrations);
    }
  });
}

/** A database in memory with the latest schema. */
export function openMemoryDatabase(migrations: readonly Migration[]): Database {
  const db = new BetterSqlite(':memory:');
  applyPragmas(db);
  migrate(db, migrations);
  return db;
}

/** A private copy in memory of an open database, which is closed. */
export function copyToMemory(db: Database): Database {
  const image = db.serialize();
  db.close();
  return fromImage(image);
}

/** The bytes of a database that no process has open for writing; reading those leaves no file behind. */
function readAtRest(file: string): Buffer | undefined {
  const isAtRest = (): boolean => !existsSync(`${file}-wal`);
  if (!isAtRest()) return undefined;
  const image = readFileSync(file);
  return isAtRest() && image.length > 0 ? image : undefined;
}

/** True for a file that a killed writer had made and not yet written to. */
function isUnwritten(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.size === 0 && !existsSync(`${file}-wal`);
}

function fromImage(image: Buffer): Database {
  const db = new BetterSqlite(withoutWal(image));
  applyPragmas(db);
  return db;
}

/** Bytes 18 and 19 of the header say "write-ahead log", which a database in memory has not. */
function withoutWal(image: Buffer): Buffer {
  image.fill(1, 18, 20);
  return image;
}

/** Writes deleted content over: in the file, in its free pages and in the write-ahead log. */
export function eraseFreePages(db: Database): void {
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.exec('VACUUM');
  db.pragma('wal_checkpoint(TRUNCATE)');
}

function applyPragmas(db: Database): void {
  db.pragma('foreign_keys = ON');
  db.pragma('secure_delete = ON');
  db.pragma('synchronous = FULL');
}

function migratedForReading(db: Database, migrations: readonly Migration[]): Database {
  try {
    const version = assertKnownVersion(db, migrations);
    // Touches the schema, so that an unreadable file is found here and not in the middle of a list.
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    if (version === latestVersion(migrations)) return db;
    const copy = copyToMemory(db);
    migrate(copy, migrations);
    return copy;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Loads a database with its write-ahead log into memory by way of a private copy. */
function loadCopy(file: string, temporaryFolder: string): Database {
  const folder = mkdtempSync(join(temporaryFolder, 'keepsake-read-'));
  try {
    const copy = join(folder, 'copy.db');
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    chmodSync(copy, 0o600);
    const db = new BetterSqlite(copy);
    return copyToMemory(db);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** SQLite wants to write beside a database with a write-ahead log, which a read-only or full disk refuses. */
function isUnreadableInPlace(error: unknown, file: string): boolean {
  const named = toStorageError(error, dirname(file));
  return named instanceof AppError && (named.code === 'data-folder-read-only' || named.code === 'disk-full');
}

/** Rows that this connection has changed since it was opened: where it is the same, nothing was written. */
export function countChanges(db: Database): number {
  return Number(db.prepare('SELECT total_changes()').pluck().get());
}
