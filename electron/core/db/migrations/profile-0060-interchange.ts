import type { Database } from 'better-sqlite3';

/** Adapters that were made elsewhere, and what was written for other programs. */
export function up(db: Database): void {
  db.exec(`
    -- JSON: format, name and hash of the file; NULL for an adapter that was trained here.
    ALTER TABLE adapters ADD COLUMN imported TEXT;

    -- Outlives its adapter: a deletion has to say which files it does not reach.
    CREATE TABLE exports (
      id TEXT PRIMARY KEY,
      adapter_id TEXT NOT NULL,
      format TEXT NOT NULL,
      path TEXT NOT NULL,
      -- Where it is written first; NULL once it has its name.
      partial TEXT,
      -- The facts it holds as a JSON array of ids; NULL where nobody knows.
      fact_ids TEXT,
      created_at INTEGER NOT NULL
    ) STRICT;
  `);
}
