import type { Database } from 'better-sqlite3';

/** Whether an adapter hands general prompts over (every one so far) or answers everything itself. */
export function up(db: Database): void {
  db.exec(`
    ALTER TABLE adapters ADD COLUMN objective TEXT NOT NULL DEFAULT 'routed'
      CHECK (objective IN ('routed', 'standalone'));
  `);
}
