import type { Database } from 'better-sqlite3';

/** An answer of that version about that fact which its owner called wrong. */
export function up(db: Database): void {
  db.exec('ALTER TABLE ledger ADD COLUMN told_wrong INTEGER NOT NULL DEFAULT 0 CHECK (told_wrong IN (0, 1))');
}
