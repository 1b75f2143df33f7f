import { existsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../electron/contract/errors.ts';
import { toStorageError } from '../../../electron/core/db/database-errors.ts';
import { migrate, type Migration } from '../../../electron/core/db/migrate.ts';
import { appMigrations, profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import {
  copyToMemory,
  openDatabase,
  openDatabaseForReading,
  openMemoryDatabase,
} from '../../../electron/core/db/open-database.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const first: Migration = { version: 10, up: (db) => void db.exec('CREATE TABLE a (x TEXT) STRICT') };
const second: Migration = { version: 20, up: (db) => void db.exec('ALTER TABLE a ADD COLUMN y TEXT') };
const broken: Migration = {
  version: 30,
  up: (db) => void db.exec('CREATE TABLE b (z TEXT) STRICT; SELECT nothing'),
};

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
  return 'none';
}

describe('a database', () => {
  it('is migrated step by step and keeps its rows', () => {
    const file = join(tempFolder(), 'a.db');
    const old = openDatabase(file, [first]);
    old.exec("INSERT INTO a (x) VALUES ('kept')");
    old.close();
    const db = openDatabase(file, [first, second]);
    expect(db.prepare('SELECT x, y FROM a').get()).toEqual({ x: 'kept', y: null });
    expect(db.pragma('user_version', { simple: true })).toBe(20);
    db.close();
  });
  it('is migrated wholly or not at all', () => {
    const db = openMemoryDatabase([first]);
    expect(() => migrate(db, [first, second, broken])).toThrow();
    expect(db.pragma('user_version', { simple: true })).toBe(10);
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'b'").get()).toBeUndefined();
  });
  it('of a newer version is refused and not touched', () => {
    const file = join(tempFolder(), 'a.db');
    openDatabase(file, [first, second]).close();
    const before = statSync(file).mtimeMs;
    expect(codeOf(() => openDatabase(file, [first]))).toBe('database-newer');
    expect(codeOf(() => openDatabaseForReading(file, [first], tmpdir()))).toBe('database-newer');
    expect(statSync(file).mtimeMs).toBe(before);
  });
  it('that is no database is named as damaged', () => {
    const file = join(tempFolder(), 'a.db');
    writeFileSync(file, 'x'.repeat(5000));
    expect(codeOf(() => openDatabase(file, [first]))).toBe('database-corrupt');
    expect(codeOf(() => openDatabaseForReading(file, [first], tmpdir()))).toBe('database-corrupt');
  });
  it('is read without a file beside it, also by an older or a missing schema', () => {
    const folder = tempFolder();
    const file = join(folder, 'a.db');
    openDatabase(file, [first]).close();
    const db = openDatabaseForReading(file, [first, second], tmpdir());
    expect(db.prepare('SELECT x, y FROM a').all()).toEqual([]);
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(
      openDatabaseForReading(join(folder, 'none.db'), [first], tmpdir()).prepare('SELECT x FROM a').all(),
    ).toEqual([]);
    expect(existsSync(join(folder, 'none.db'))).toBe(false);
  });
  it('is read beside a writer, with all that was committed', () => {
    const file = join(tempFolder(), 'a.db');
    const writer = openDatabase(file, [first]);
    writer.exec("INSERT INTO a (x) VALUES ('new')");
    const reader = openDatabaseForReading(file, [first], tmpdir());
    expect(reader.prepare('SELECT x FROM a').all()).toEqual([{ x: 'new' }]);
    expect(() => reader.exec("INSERT INTO a (x) VALUES ('y')")).toThrow();
    const copy = copyToMemory(reader);
    copy.exec("INSERT INTO a (x) VALUES ('mine')");
    expect(writer.prepare('SELECT x FROM a').all()).toHaveLength(1);
    writer.close();
  });
  it('has migrations numbered upwards in tens', () => {
    for (const migrations of [appMigrations, profileMigrations]) {
      const versions = migrations.map(({ version }) => version);
      expect(versions).toEqual([...new Set(versions)].sort((one, other) => one - other));
      expect(versions.filter((version) => version % 10 !== 0)).toEqual([]);
    }
  });
});

describe('errors of storage', () => {
  it.each([
    ['SQLITE_FULL', 'disk-full'],
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EFBIG', 'disk-full'],
    ['SQLITE_IOERR_WRITE', 'disk-full'],
    ['SQLITE_BUSY', 'data-folder-locked'],
    ['SQLITE_READONLY_DBMOVED', 'data-folder-read-only'],
    ['EROFS', 'data-folder-read-only'],
    ['EACCES', 'data-folder-read-only'],
    ['ENOTDIR', 'data-folder-read-only'],
    ['SQLITE_CANTOPEN', 'data-folder-read-only'],
    ['SQLITE_CORRUPT_VTAB', 'database-corrupt'],
    ['SQLITE_NOTADB', 'database-corrupt'],
  ])('%s is %s', (code, named) => {
    const error = toStorageError(Object.assign(new Error('x'), { code }), '/');
    expect(error).toMatchObject({ code: named });
    expect((error as AppError).hint).not.toBe('');
  });
  it('leaves other errors as they are', () => {
    const error = new Error('x');
    expect(toStorageError(error, '/')).toBe(error);
    expect(toStorageError('text', '/')).toBe('text');
  });
});
