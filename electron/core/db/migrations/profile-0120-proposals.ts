import type { Database } from 'better-sqlite3';

/** The Inbox: facts that were read somewhere, what their owner said to them, and the way back. */
export function up(db: Database): void {
  db.exec(`
    CREATE TABLE proposals (
      sequence INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      -- A fact as a person gives it, as JSON.
      draft TEXT NOT NULL,
      -- Thing and value as compared.
      claim TEXT NOT NULL,
      quote TEXT,
      -- Where it was read, as JSON, and what makes two such places the same.
      source TEXT NOT NULL,
      place TEXT NOT NULL,
      found_by TEXT NOT NULL CHECK (found_by IN ('rules', 'model')),
      state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'rejected', 'merged')),
      -- The fact that it became or changed.
      fact_id TEXT,
      created_at INTEGER NOT NULL,
      decided_at INTEGER
    ) STRICT;
    CREATE INDEX proposals_by_state ON proposals (state, sequence);
    CREATE INDEX proposals_by_claim ON proposals (claim);

    CREATE TABLE proposal_steps (
      id INTEGER PRIMARY KEY,
      -- The proposals that it decided, as a JSON list.
      proposal_ids TEXT NOT NULL,
      -- The change of facts that came with it.
      change_id INTEGER,
      created_at INTEGER NOT NULL
    ) STRICT;
  `);
}
