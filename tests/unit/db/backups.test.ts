import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBackups } from '../../../electron/core/db/backups.ts';
import type { Migration } from '../../../electron/core/db/migrate.ts';
import { openDatabase } from '../../../electron/core/db/open-database.ts';
import { appErrorOf } from '../../helpers/errors.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const first: Migration = { version: 10, up: (db) => void db.exec('CREATE TABLE a (x TEXT) STRICT') };
const second: Migration = { version: 20, up: (db) => void db.exec('ALTER TABLE a ADD COLUMN y TEXT') };
const dayMs = 86_400_000;

function create() {
  const folder = tempFolder();
  const file = join(folder, 'profile.db');
  const time = { now: new Date('2026-06-15T12:00:00').getTime() };
  const backups = createBackups({
    database: 'profile',
    folder: join(folder, 'backups'),
    now: () => time.now,
  });
  const failures: unknown[] = [];
  const plan = { backups, onFailure: (error: unknown): void => void failures.push(error) };
  const open = (migrations = [first]) => openDatabase(file, migrations, plan);
  /** Opens for writing on the next day and adds a row. */
  const write = (value: string, migrations = [first]): void => {
    time.now += dayMs;
    const db = open(migrations);
    db.prepare('INSERT INTO a (x) VALUES (?)').run(value);
    db.close();
  };
  const values = (migrations = [first]): unknown[] => {
    const db = openDatabase(file, migrations);
    const found = db.prepare('SELECT x FROM a ORDER BY rowid').pluck().all();
    db.close();
    return found;
  };
  return { folder, file, time, backups, failures, open, write, values };
}

describe('a copy of a database', () => {
  it('is made at the first write of a day, never of a new database, and the last three are kept', () => {
    const { backups, write, open, time, folder } = create();
    write('1');
    expect(backups.list()).toEqual([]);
    write('2');
    time.now += 1000;
    open().close();
    expect(backups.list().map((backup) => backup.reason)).toEqual(['daily']);
    for (const value of ['3', '4', '5']) write(value);
    const kept = backups.list();
    expect(kept).toHaveLength(3);
    expect(kept[0]?.createdAt).toBe(time.now);
    for (const { id, sizeBytes } of kept) {
      const stats = statSync(join(folder, 'backups', `${id}.db`));
      expect([stats.mode & 0o777, stats.size]).toEqual([0o600, sizeBytes]);
    }
  });

  it('holds what was still in the write-ahead log', () => {
    const { backups, open, time, file, values } = create();
    const db = open();
    db.prepare("INSERT INTO a (x) VALUES ('logged')").run();
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
    backups.take(db, 'daily');
    db.exec('DELETE FROM a');
    db.close();
    const [copy] = backups.list();
    time.now += 1;
    backups.restore(copy?.id ?? '', file, [first]);
    expect(values()).toEqual(['logged']);
  });

  it('is made before a migration, with the old schema, and put back it is migrated again', () => {
    const { backups, write, time, file, values } = create();
    write('old');
    write('new', [first, second]);
    const [copy] = backups.list();
    expect(copy?.reason).toBe('migration');
    expect(values([first, second])).toEqual(['old', 'new']);
    time.now += dayMs;
    const { keptAs } = backups.restore(copy?.id ?? '', file, [first, second]);
    expect(values([first, second])).toEqual(['old']);
    // The state before is a copy as well.
    backups.restore(keptAs ?? '', file, [first, second]);
    expect(values([first, second])).toEqual(['old', 'new']);
    expect(readdirSync(join(file, '..')).sort()).toEqual(['backups', 'profile.db']);
  });

  it('takes the place of a damaged database, which is put aside and goes with the copies', () => {
    const { backups, write, file, values, folder } = create();
    write('1');
    write('2');
    const [copy] = backups.list();
    writeFileSync(file, 'x'.repeat(9000));
    const { keptAs } = backups.restore(copy?.id ?? '', file, [first]);
    expect(values()).toEqual(['1']);
    expect(existsSync(join(folder, 'backups', keptAs ?? ''))).toBe(true);
    backups.destroy();
    expect(readdirSync(join(folder, 'backups'))).toEqual([]);
  });

  it('that is damaged, of a newer version or unknown is not put back', async () => {
    const { backups, write, file, values, folder, open } = create();
    write('1');
    write('2');
    const [copy] = backups.list();
    const id = copy?.id ?? '';
    const codeOf = async (wanted: string, migrations = [first]): Promise<string> =>
      (await appErrorOf(() => backups.restore(wanted, file, migrations))).code;
    for (const wanted of ['', '../profile', `${id}x`, 'profile-2026-06-15T12-00-00.000Z-daily'])
      expect(await codeOf(wanted)).toBe('not-found');
    const db = open([first, second]);
    const newer = backups.take(db, 'daily');
    db.close();
    expect(await codeOf(newer)).toBe('database-newer');
    truncateSync(join(folder, 'backups', `${id}.db`), 5000);
    expect(await codeOf(id)).toBe('database-corrupt');
    truncateSync(join(folder, 'backups', `${id}.db`), 0);
    expect(await codeOf(id)).toBe('database-corrupt');
    expect(values([first, second])).toEqual(['1', '2']);
  });

  it('that cannot be made is told, and the work goes on', () => {
    const { write, values, failures, folder, backups } = create();
    write('1');
    writeFileSync(join(folder, 'backups'), 'a file in the place of the folder');
    write('2');
    write('3', [first, second]);
    expect(failures).toHaveLength(2);
    expect(values([first, second])).toEqual(['1', '2', '3']);
    expect(backups.destroy).toThrow();
  });

  it('that was cut off by a kill is no copy and goes with the next', () => {
    const { write, folder, backups } = create();
    write('1');
    mkdirSync(join(folder, 'backups'));
    const partial = join(folder, 'backups', '.profile-2026-06-15T12-00-00.000Z-daily.partial');
    writeFileSync(partial, 'half');
    expect(backups.list()).toEqual([]);
    write('2');
    expect(readdirSync(join(folder, 'backups'))).toHaveLength(1);
    expect(
      readFileSync(join(folder, 'backups', `${backups.list()[0]?.id ?? ''}.db`)).toString('latin1', 0, 6),
    ).toBe('SQLite');
  });
});
