import type { Database } from 'better-sqlite3';

/** Every connection that the app opened to another machine, the newest of them. */
export function up(db: Database): void {
  db.exec(`
    CREATE TABLE connections (
      id INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      host TEXT NOT NULL,
      purpose TEXT NOT NULL
    ) STRICT;
  `);
}
