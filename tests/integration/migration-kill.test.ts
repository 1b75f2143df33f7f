import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { latestVersion } from '../../electron/core/db/migrate.ts';
import { profileMigrations } from '../../electron/core/db/migrations/index.ts';
import { runCommand } from '../helpers/command-line.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures', 'databases');

/** A data folder of the first version. */
function anOldFolder(): { readonly data: string; readonly file: string } {
  const data = tempFolder();
  const profile = join(data, 'profiles', 'default');
  mkdirSync(profile, { recursive: true });
  for (const [name, file] of [
    ['app', join(data, 'app.db')],
    ['profile', join(profile, 'profile.db')],
  ] as const) {
    const db = new BetterSqlite(file);
    db.pragma('journal_mode = WAL');
    db.exec(readFileSync(join(fixtures, `${name}-0010.sql`), 'utf8'));
    db.close();
  }
  return { data, file: join(profile, 'profile.db') };
}

function stateOf(file: string): { readonly version: number; readonly values: unknown[] } {
  const db = new BetterSqlite(file);
  try {
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    return {
      version: Number(db.pragma('user_version', { simple: true })),
      values: db.prepare('SELECT value FROM facts ORDER BY sequence').pluck().all(),
    };
  } finally {
    db.close();
  }
}

it('a migration that is killed leaves the old schema whole, and the next command ends it', async () => {
  const latest = latestVersion(profileMigrations);
  // The first time each moment comes by it is that of app.db.
  for (const [moment, expected] of [
    ['backup.rename:2', 10],
    ['migration.version:2', 10],
    ['migration.commit:2', 10],
    ['migration.done:2', latest],
  ] as const) {
    const { data, file } = anOldFolder();
    const before = stateOf(file);
    const add = ['facts', 'add', '--attribute', 'hobby', '--value', 'chess', '--data', data, '--json'];
    const killed = await runCommand(add, { env: { KEEPSAKE_FAULT: `kill:${moment}` } });
    expect([moment, killed.signal]).toEqual([moment, 'SIGKILL']);
    expect({ moment, ...stateOf(file) }).toEqual({ moment, version: expected, values: before.values });
    expect((await runCommand(add)).code).toBe(0);
    expect(stateOf(file)).toEqual({ version: latest, values: [...before.values, 'chess'] });
  }
});
