/**
 * A text that changes with every write to some tables, and with nothing else this process writes: what is derived from
 * them is kept while a chat or a training writes elsewhere.
 *
 * Own writes are counted by triggers that live and end with the connection; a rollback takes its count back. What other
 * processes write shows in `data_version`, whatever they wrote.
 */
import type { Database } from 'better-sqlite3';

/** Creates the reader; the same tables may be watched by several. */
export function watchTables(db: Database, name: string, tables: readonly string[]): () => string {
  const count = countWrites(db, name, tables);
  return () => `${String(count())} ${String(db.pragma('data_version', { simple: true }))}`;
}

function countWrites(db: Database, name: string, tables: readonly string[]): () => unknown {
  const counter = `writes_${name}`;
  try {
    db.exec(`
      CREATE TEMP TABLE IF NOT EXISTS ${counter} (n INTEGER NOT NULL);
      INSERT INTO temp.${counter} SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM temp.${counter});
    `);
    for (const table of tables)
      for (const event of ['INSERT', 'UPDATE', 'DELETE'])
        db.exec(`
          CREATE TEMP TRIGGER IF NOT EXISTS ${counter}_${table}_${event.toLowerCase()}
          AFTER ${event} ON main.${table} BEGIN UPDATE ${counter} SET n = n + 1; END;
        `);
  } catch {
    // A connection that may not even write for itself: every write counts.
    const all = db.prepare('SELECT total_changes()').pluck();
    return () => all.get();
  }
  const read = db.prepare(`SELECT n FROM temp.${counter}`).pluck();
  return () => read.get();
}
