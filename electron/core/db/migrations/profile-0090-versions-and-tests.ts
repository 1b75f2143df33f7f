import type { Database } from 'better-sqlite3';

/** Adapters as numbered versions, answers that mix facts up, and which base an examination was of. */
export function up(db: Database): void {
  db.exec(`
    -- Counted from 1; the last one given is also a profile value, so that a deleted version's is not given again.
    ALTER TABLE adapters ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE adapters ADD COLUMN name TEXT;
    ALTER TABLE adapters ADD COLUMN note TEXT;
    ALTER TABLE adapters ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1));
    UPDATE adapters SET number = ranked.number
      FROM (SELECT id, row_number() OVER (ORDER BY created_at, rowid) AS number FROM adapters) AS ranked
      WHERE ranked.id = adapters.id;

    -- Answers that gave another fact's value or the one that it replaced.
    ALTER TABLE ledger ADD COLUMN mixed_up INTEGER NOT NULL DEFAULT 0;

    -- NULL for those of earlier versions.
    ALTER TABLE evaluations ADD COLUMN base_model_id TEXT;
  `);
}
