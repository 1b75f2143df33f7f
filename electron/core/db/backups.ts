/**
 * Copies of one database: before a migration, at the first write of a day, before a copy is put back. Three are kept.
 *
 * A copy is made by SQLite (copying the file would lose what is in the write-ahead log), read back whole, and only then
 * given its name, so that a killed process leaves no half one that looks like a whole one.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import BetterSqlite, { type Database } from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import type { Backup } from '../../contract/entities/backup.ts';
import { withStorageErrors } from './database-errors.ts';
import { faultPoint } from '../util/fault-point.ts';
import { assertKnownVersion, type Migration } from './migrate.ts';

/** How many copies of a database are kept. */
const keptBackups = 3;

const namePattern =
  /^(?<database>app|profile)-(?<date>\d{4}-\d\d-\d\dT)(?<time>\d\d-\d\d-\d\d)\.(?<ms>\d{3})Z-(?<reason>daily|migration|restore)$/u;

export type BackupsInput = {
  /** Which database is copied. */
  readonly database: Backup['database'];
  /** Where the copies lie. Whatever lies in it goes with `destroy`. */
  readonly folder: string;
  readonly now: () => number;
};

export type Backups = ReturnType<typeof createBackups>;

/** The copies of one database. */
export function createBackups(input: BackupsInput) {
  const { folder, database } = input;
  const fileOf = (id: string): string => join(folder, `${id}.db`);

  const list = (): Backup[] => {
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .flatMap((name) => (name.endsWith('.db') ? (parseName(folder, name.slice(0, -3)) ?? []) : []))
      .filter((backup) => backup.database === database)
      .sort((one, other) => other.createdAt - one.createdAt || (one.id < other.id ? 1 : -1));
  };

  const prune = (): void => {
    for (const old of list().slice(keptBackups)) rmSync(fileOf(old.id), { force: true });
  };

  /** Makes a copy of an open database and lets go of the oldest. Throws where it cannot be made or read back. */
  const take = (db: Database, reason: Backup['reason']): string =>
    withStorageErrors(dirname(folder), () => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      removePartials(folder, database);
      const id = `${database}-${new Date(input.now()).toISOString().replaceAll(':', '-')}-${reason}`;
      const partial = join(folder, `.${id}.partial`);
      try {
        // Made here, so that nobody else may read it while it grows.
        writeFileSync(partial, '', { mode: 0o600, flag: 'wx' });
        faultPoint('backup.write');
        db.prepare('VACUUM INTO ?').run(partial);
        openImage(readFileSync(partial)).close();
        moveIntoPlace(partial, fileOf(id));
      } catch (error) {
        rmSync(partial, { force: true });
        throw error;
      }
      prune();
      return id;
    });

  return {
    /** Newest first. */
    list,
    take,
    /** True until the first copy of the (local) day is made. */
    isDue: (): boolean => !list().some((backup) => dayOf(backup.createdAt) === dayOf(input.now())),

    /** Destroys every copy: what was forgotten must not come back. */
    destroy: (): void => {
      withStorageErrors(dirname(folder), () => {
        if (!existsSync(folder)) return;
        for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
      });
    },

    /** The copy, if it can be put back; throws where it is gone, damaged or of a newer version. */
    check: (id: string, migrations: readonly Migration[]): Backup => {
      const { backup, image } = read(id);
      assertSound(image, migrations);
      return backup;
    },

    /**
     * Puts a copy in the place of the database, which no process may have open. What is there is copied first, or, where
     * it cannot be read, put aside beside the copies.
     */
    restore: (id: string, file: string, migrations: readonly Migration[]): { keptAs: string | null } =>
      withStorageErrors(dirname(file), () => {
        const { image } = read(id);
        assertSound(image, migrations);
        const keptAs = existsSync(file) ? setAside(file) : null;
        const partial = `${file}.partial`;
        try {
          rmSync(partial, { force: true });
          writeFileSync(partial, image, { mode: 0o600 });
          moveIntoPlace(partial, file);
        } catch (error) {
          rmSync(partial, { force: true });
          throw error;
        }
        prune();
        return { keptAs };
      }),
  };

  function read(id: string): { readonly backup: Backup; readonly image: Buffer } {
    const backup = list().find((each) => each.id === id);
    if (backup === undefined) {
      throw new AppError('not-found', `There is no backup ${id}.`, {
        hint: 'See which there are with: keepsake backups list',
      });
    }
    return { backup, image: readFileSync(fileOf(id)) };
  }

  /** Leaves no write-ahead log behind that would be taken for one of the restored file. */
  function setAside(file: string): string {
    try {
      const db = new BetterSqlite(file, { timeout: 0 });
      try {
        const id = take(db, 'restore');
        db.pragma('wal_checkpoint(TRUNCATE)');
        db.pragma('journal_mode = DELETE');
        return id;
      } finally {
        db.close();
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code !== 'disk-full')) throw error;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const name = `damaged-${database}-${input.now()}`;
      for (const ending of ['-wal', '-shm', '']) {
        if (existsSync(`${file}${ending}`)) renameSync(`${file}${ending}`, join(folder, `${name}${ending}`));
      }
      return name;
    }
  }
}

/** A database in memory from the bytes of a file. Throws `database-corrupt` unless every page is sound. */
export function openImage(image: Buffer): Database {
  try {
    // Bytes 18 and 19 say "write-ahead log", which a database in memory has not.
    if (image.length >= 20) image.fill(1, 18, 20);
    const db = new BetterSqlite(image);
    try {
      const problem = db.pragma('integrity_check', { simple: true });
      if (problem !== 'ok') throw new Error(String(problem));
      // An empty file is a sound database of nothing.
      if (db.pragma('user_version', { simple: true }) === 0) throw new Error('It holds no schema.');
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (cause) {
    throw new AppError('database-corrupt', 'The copy of the database is damaged.', {
      hint: 'Choose another backup: keepsake backups list',
      cause,
    });
  }
}

function assertSound(image: Buffer, migrations: readonly Migration[]): void {
  const copy = openImage(Buffer.from(image));
  try {
    assertKnownVersion(copy, migrations);
  } finally {
    copy.close();
  }
}

function parseName(folder: string, id: string): Backup | undefined {
  const parts = namePattern.exec(id)?.groups;
  if (parts === undefined) return undefined;
  const createdAt = Date.parse(
    `${parts.date ?? ''}${parts.time?.replaceAll('-', ':') ?? ''}.${parts.ms ?? ''}Z`,
  );
  const file = join(folder, `${id}.db`);
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined || Number.isNaN(createdAt)) return undefined;
  const database = parts.database === 'app' ? 'app' : 'profile';
  const reason = (['daily', 'migration', 'restore'] as const).find((each) => each === parts.reason);
  return { id, database, reason: reason ?? 'daily', createdAt, sizeBytes: stats.size };
}

function removePartials(folder: string, database: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`.${database}-`) && name.endsWith('.partial')) rmSync(join(folder, name));
  }
}

/** Written through, renamed, and the renaming written through: whole under its name, or not there. */
function moveIntoPlace(partial: string, file: string): void {
  chmodSync(partial, 0o600);
  faultPoint('backup.fsync');
  syncPath(partial);
  faultPoint('backup.rename');
  renameSync(partial, file);
  faultPoint('backup.renamed');
  syncPath(dirname(file));
}

function syncPath(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } catch (error) {
    // Some systems cannot write a folder through, and lose nothing by it.
    if (!statSync(path).isDirectory()) throw error;
  } finally {
    closeSync(handle);
  }
}

function dayOf(at: number): string {
  return new Date(at).toDateString();
}
