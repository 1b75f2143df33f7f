import type { Database } from 'better-sqlite3';

/** What an undo needs: the rows of facts as they stood before each change. */
export function up(db: Database): void {
  db.exec(`
    CREATE TABLE fact_changes (
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      -- Name of an imported file, or null.
      detail TEXT,
      -- 1 after an undo: the rows then hold what a redo brings back.
      undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)),
      -- Verdicts that the change took from facts, as JSON.
      verdicts TEXT NOT NULL DEFAULT '[]',
      created_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE fact_change_rows (
      change_id INTEGER NOT NULL REFERENCES fact_changes (id) ON DELETE CASCADE,
      fact_id TEXT NOT NULL,
      -- What the fact is about: forgetting one version lets go of all images of its thing.
      thing TEXT NOT NULL,
      -- The row and its conflicts as JSON; null where there is none.
      image TEXT,
      PRIMARY KEY (change_id, fact_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX fact_change_rows_by_thing ON fact_change_rows (thing);
  `);
}
