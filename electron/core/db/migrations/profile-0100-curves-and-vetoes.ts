import type { Database } from 'better-sqlite3';

/** The curves of training runs, what a run was set to, and lessons that their owner does not want. */
export function up(db: Database): void {
  db.exec(`
    CREATE TABLE run_points (
      run_id TEXT NOT NULL REFERENCES training_runs (id) ON DELETE CASCADE,
      step INTEGER NOT NULL,
      loss REAL NOT NULL,
      tokens_per_second REAL NOT NULL,
      PRIMARY KEY (run_id, step)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE run_probes (
      run_id TEXT NOT NULL REFERENCES training_runs (id) ON DELETE CASCADE,
      step INTEGER NOT NULL,
      right_count INTEGER NOT NULL,
      asked INTEGER NOT NULL,
      -- Which were right, as JSON; null where the worker did not say.
      right_ids TEXT,
      PRIMARY KEY (run_id, step)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE run_details (
      run_id TEXT PRIMARY KEY REFERENCES training_runs (id) ON DELETE CASCADE,
      -- The numbers that the worker was given, as JSON.
      settings TEXT NOT NULL,
      -- The fact of each probe, in their order, as JSON.
      probe_facts TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE lesson_vetoes (
      -- What stays the same when the lessons are made again: see core/datasets/lesson-key.ts.
      key TEXT PRIMARY KEY,
      fact_id TEXT,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX lesson_vetoes_by_fact ON lesson_vetoes (fact_id);
    CREATE TRIGGER lesson_vetoes_go_with_their_fact AFTER DELETE ON facts BEGIN
      DELETE FROM lesson_vetoes WHERE fact_id = OLD.id;
    END;
  `);
}
