import type { Database } from 'better-sqlite3';

/** What a run was set to and how it went, and what each adapter was taught, so that the next one can start from it. */
export function up(db: Database): void {
  db.exec(`
    -- rebuild: from the base; warm: from an adapter; repair: a short round after a run.
    ALTER TABLE training_runs ADD COLUMN mode TEXT NOT NULL DEFAULT 'rebuild'
      CHECK (mode IN ('rebuild', 'warm', 'repair'));
    ALTER TABLE training_runs ADD COLUMN parent_adapter_id TEXT;
    -- Hash of every hyper-parameter; null for runs of earlier versions.
    ALTER TABLE training_runs ADD COLUMN settings TEXT;
    ALTER TABLE training_runs ADD COLUMN device TEXT;
    ALTER TABLE training_runs ADD COLUMN tokens_per_second REAL;
    ALTER TABLE training_runs ADD COLUMN peak_memory_bytes INTEGER;
    -- How far the run came, and how far it goes.
    ALTER TABLE training_runs ADD COLUMN step INTEGER;
    ALTER TABLE training_runs ADD COLUMN steps INTEGER;

    -- What an adapter was taught last of each fact, as hashes: what differs now is taught again.
    CREATE TABLE adapter_taught (
      adapter_id TEXT NOT NULL REFERENCES adapters (id) ON DELETE CASCADE,
      fact_id TEXT NOT NULL,
      fingerprint TEXT NOT NULL,
      PRIMARY KEY (adapter_id, fact_id)
    ) STRICT, WITHOUT ROWID;
  `);
}
