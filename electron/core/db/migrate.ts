import type { Database } from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import { faultPoint } from '../util/fault-point.ts';

/** One step of a schema, numbered in tens; never edited after a release. */
export type Migration = { readonly version: number; readonly up: (db: Database) => void };

/** The schema version that a list of migrations leads to. */
export function latestVersion(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

/** The version of an open database. Throws `database-newer` when this program does not know it. */
export function assertKnownVersion(db: Database, migrations: readonly Migration[]): number {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > latestVersion(migrations)) {
    throw new AppError(
      'database-newer',
      `The data folder was written by a newer version of Keepsake (schema ${version}, this one knows ${latestVersion(migrations)}).`,
      { hint: 'Update Keepsake, or use another folder with --data.' },
    );
  }
  return version;
}

/** Brings a database to the latest version: every missing migration, all or none. */
export function migrate(db: Database, migrations: readonly Migration[]): void {
  const version = assertKnownVersion(db, migrations);
  const missing = migrations.filter((migration) => migration.version > version);
  if (missing.length === 0) return;
  db.transaction(() => {
    for (const migration of missing) {
      faultPoint('migration.step');
      migration.up(db);
    }
    faultPoint('migration.version');
    db.pragma(`user_version = ${latestVersion(migrations)}`);
    faultPoint('migration.commit');
  }).immediate();
  faultPoint('migration.done');
}
