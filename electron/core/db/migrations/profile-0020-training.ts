import type { Database } from 'better-sqlite3';

/** Datasets, training runs, adapters, the ledger and evaluations of one profile. */
export function up(db: Database): void {
  db.exec(`
    CREATE TABLE datasets (
      id TEXT PRIMARY KEY,
      sha256 TEXT NOT NULL,
      recipe TEXT NOT NULL,
      base_model_id TEXT NOT NULL,
      seed INTEGER NOT NULL,
      counts TEXT NOT NULL,
      fact_ids TEXT NOT NULL,
      -- The samples as canonical JSON Lines.
      samples TEXT NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX datasets_by_sha256 ON datasets (sha256);

    CREATE TABLE training_runs (
      id TEXT PRIMARY KEY,
      dataset_id TEXT NOT NULL,
      base_model_id TEXT NOT NULL,
      recipe TEXT NOT NULL,
      seed INTEGER NOT NULL,
      state TEXT NOT NULL,
      folder TEXT NOT NULL,
      adapter_id TEXT,
      seconds REAL,
      tokens INTEGER,
      loss REAL,
      error TEXT,
      created_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE adapters (
      id TEXT PRIMARY KEY,
      base_model_id TEXT NOT NULL,
      run_id TEXT NOT NULL,
      parent_adapter_id TEXT,
      file TEXT NOT NULL,
      rank INTEGER NOT NULL,
      alpha REAL NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('candidate', 'approved', 'rejected')),
      override TEXT,
      verdict TEXT,
      created_at INTEGER NOT NULL
    ) STRICT;

    -- Fact versions that an adapter was trained on, ancestors included.
    CREATE TABLE adapter_facts (
      adapter_id TEXT NOT NULL REFERENCES adapters (id) ON DELETE CASCADE,
      fact_id TEXT NOT NULL,
      PRIMARY KEY (adapter_id, fact_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX adapter_facts_by_fact ON adapter_facts (fact_id);

    CREATE TABLE ledger (
      fact_id TEXT NOT NULL,
      adapter_id TEXT NOT NULL REFERENCES adapters (id) ON DELETE CASCADE,
      right_count INTEGER NOT NULL,
      asked INTEGER NOT NULL,
      tested_at INTEGER NOT NULL,
      PRIMARY KEY (fact_id, adapter_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE evaluations (
      id TEXT PRIMARY KEY,
      adapter_id TEXT,
      arm TEXT NOT NULL,
      question_set TEXT NOT NULL,
      -- The arm's result as JSON.
      result TEXT NOT NULL,
      verdict TEXT,
      created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX evaluations_by_adapter ON evaluations (adapter_id);
  `);
}
