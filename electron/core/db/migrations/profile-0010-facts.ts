import type { Database } from 'better-sqlite3';

/** Facts as versions, their conflicts, and the index that picks bridged facts for a question. */
export function up(db: Database): void {
  db.exec(`
    CREATE TABLE facts (
      sequence INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      subject TEXT NOT NULL,
      attribute TEXT NOT NULL,
      kind TEXT,
      -- Subject and attribute as compared: versions of one thing share it.
      thing TEXT NOT NULL,
      value TEXT NOT NULL,
      aliases TEXT NOT NULL,
      category TEXT NOT NULL,
      tier TEXT NOT NULL CHECK (tier IN ('simple', 'relational', 'temporal')),
      tier_given TEXT CHECK (tier_given IN ('simple', 'relational', 'temporal')),
      valid_from TEXT,
      valid_to TEXT,
      -- standing: not replaced; superseded: a later version replaced it; lost: the other value of a conflict is used.
      standing TEXT NOT NULL CHECK (standing IN ('standing', 'superseded', 'lost')),
      supersedes TEXT REFERENCES facts (id) ON DELETE SET NULL,
      source TEXT NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX facts_by_thing ON facts (thing);
    CREATE INDEX facts_by_supersedes ON facts (supersedes);

    CREATE TABLE fact_conflicts (
      fact_id TEXT NOT NULL REFERENCES facts (id) ON DELETE CASCADE,
      other_id TEXT NOT NULL REFERENCES facts (id) ON DELETE CASCADE,
      PRIMARY KEY (fact_id, other_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX fact_conflicts_by_other ON fact_conflicts (other_id);

    -- Values of the profile itself, such as the active adapter.
    CREATE TABLE profile_values (
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT;
  `);
}
