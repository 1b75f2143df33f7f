// A data folder as the first schema left it, from the fixtures of the tests.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { projectRoot } from '../lib/paths.mjs';

const fixtures = join(projectRoot, 'tests', 'fixtures', 'databases');

/** Writes the databases of schema 10 (app) and 20 (profile) with a few rows. */
export function makeOldFolder(data) {
  const files = [
    [join(data, 'app.db'), 'app-0010.sql'],
    [join(data, 'profiles', 'default', 'profile.db'), 'profile-0020.sql'],
  ];
  for (const [file, fixture] of files) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const db = new Database(file);
    db.exec(readFileSync(join(fixtures, fixture), 'utf8'));
    db.close();
  }
}
