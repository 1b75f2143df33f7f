import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite, { type Database } from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { latestVersion } from '../../../electron/core/db/migrate.ts';
import { appMigrations, profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openDatabase } from '../../../electron/core/db/open-database.ts';
import { assertSchema } from '../../../electron/core/db/schema.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures', 'databases');
const names = readdirSync(fixtures).map((file) => file.replace('.sql', ''));
const lists = { app: appMigrations, profile: profileMigrations };

/** Every row of every table with the columns that it has at that version. */
function contentOf(db: Database, tables: readonly { name: string; columns: string }[]): unknown {
  return tables.map(({ name, columns }) => [
    name,
    db.prepare(`SELECT ${columns} FROM ${name} ORDER BY 1`).all(),
  ]);
}

function tablesOf(db: Database): { name: string; columns: string }[] {
  return db
    .prepare(
      `SELECT t.name, group_concat('"' || c.name || '"') AS columns FROM pragma_table_list AS t
       JOIN pragma_table_info(t.name) AS c WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
       GROUP BY t.name ORDER BY t.name`,
    )
    .all() as { name: string; columns: string }[];
}

describe('a database of an earlier version', () => {
  it('lies here for every version (else: node scripts/make-database-fixtures.mjs)', () => {
    const expected = Object.entries(lists).flatMap(([name, migrations]) =>
      migrations.map(({ version }) => `${name}-${String(version).padStart(4, '0')}`),
    );
    expect([...names].sort()).toEqual(expected.sort());
  });

  it.each(names)('%s is brought to the present with all its rows', (name) => {
    const migrations = name.startsWith('app') ? lists.app : lists.profile;
    const file = join(tempFolder(), 'a.db');
    const old = new BetterSqlite(file);
    old.exec(readFileSync(join(fixtures, `${name}.sql`), 'utf8'));
    expect(Number(old.pragma('user_version', { simple: true }))).toBe(Number(name.split('-')[1]));
    const tables = tablesOf(old);
    const before = contentOf(old, tables);
    old.close();
    const db = openDatabase(file, migrations);
    const columns = new Map(tablesOf(db).map((table) => [table.name, table.columns]));
    // Jobs from before there were profiles become the first one's: the only value that a migration fills in.
    const kept = tables.filter((table) => columns.has(table.name));
    expect(kept).toEqual(tables);
    expect(contentOf(db, tables)).toEqual(before);
    expect(db.pragma('user_version', { simple: true })).toBe(latestVersion(migrations));
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.pragma('foreign_key_check')).toEqual([]);
    assertSchema(db, migrations);
    db.close();
  });
});
