import type { Database } from 'better-sqlite3';

/** What a base answers to the shipped general prompts; nothing personal. */
export function up(db: Database): void {
  db.exec(`
    CREATE TABLE general_answers (
      base_sha256 TEXT NOT NULL,
      -- Of the whole prompt and the longest answer: another system text asks anew.
      prompt_sha256 TEXT NOT NULL,
      answer TEXT NOT NULL,
      PRIMARY KEY (base_sha256, prompt_sha256)
    ) STRICT, WITHOUT ROWID;
  `);
}
