/** Compares the schema of a database with that which its version should have. */
import BetterSqlite, { type Database } from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import type { Migration } from './migrate.ts';

/** Throws `database-corrupt` where a database holds other tables, triggers or views than its version says. */
export function assertSchema(db: Database, migrations: readonly Migration[]): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  const expected = new BetterSqlite(':memory:');
  try {
    for (const migration of migrations) if (migration.version <= version) migration.up(expected);
    if (describeSchema(expected) === describeSchema(db)) return;
  } finally {
    expected.close();
  }
  throw new AppError('database-corrupt', 'The database has other tables than its version should have.');
}

/** Every statement of a schema; tables that a virtual one keeps for itself are its own business. */
function describeSchema(db: Database): string {
  const rows = db
    .prepare(
      `SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT IN (
         SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow')
       ORDER BY type, name`,
    )
    .all();
  return JSON.stringify(rows);
}
