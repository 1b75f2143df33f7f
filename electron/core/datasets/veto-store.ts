import type { Database } from 'better-sqlite3';
import { z } from 'zod';

export type VetoStore = ReturnType<typeof createVetoStore>;

/** SQL of the lessons and test questions that their owner does not want. */
export function createVetoStore(db: Database) {
  const insert = db.prepare(
    'INSERT INTO lesson_vetoes (key, fact_id, created_at) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING',
  );
  const remove = db.prepare('DELETE FROM lesson_vetoes WHERE key = ?');
  const all = db.prepare('SELECT key FROM lesson_vetoes').pluck();
  return {
    keys: (): ReadonlySet<string> => new Set(z.array(z.string()).parse(all.all())),
    insert: (key: string, factId: string | null, at: number): void => {
      insert.run(key, factId, at);
    },
    remove: (key: string): void => {
      remove.run(key);
    },
  };
}
