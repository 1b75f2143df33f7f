import type { Database } from 'better-sqlite3';

/**
 * Profiles that are being made or removed, and whose each job is.
 *
 * A profile is a row and a folder; a killed process leaves them apart, and the state says what to do about it.
 */
export function up(db: Database): void {
  db.exec(`
    ALTER TABLE profiles ADD COLUMN state TEXT NOT NULL DEFAULT 'ready'
      CHECK (state IN ('ready', 'importing', 'removing'));
    CREATE UNIQUE INDEX profiles_by_name ON profiles (name COLLATE NOCASE);

    -- Null: of no profile, such as a download. Jobs from before there were several are the first one's.
    ALTER TABLE jobs ADD COLUMN profile_id TEXT;
    UPDATE jobs SET profile_id = 'default';
  `);
}
