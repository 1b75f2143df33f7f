import type { Database } from 'better-sqlite3';
import { z } from 'zod';

const rows = z.array(z.object({ fact_id: z.string(), fingerprint: z.string() }));

export type TaughtStore = ReturnType<typeof createTaughtStore>;

/** SQL of what each adapter was taught last; rows go with their adapter. */
export function createTaughtStore(db: Database) {
  const insert = db.prepare(
    'INSERT OR REPLACE INTO adapter_taught (adapter_id, fact_id, fingerprint) VALUES (?, ?, ?)',
  );
  const byAdapter = db.prepare('SELECT fact_id, fingerprint FROM adapter_taught WHERE adapter_id = ?');
  return {
    insert: (adapterId: string, taught: ReadonlyMap<string, string>): void => {
      for (const [factId, fingerprint] of taught) insert.run(adapterId, factId, fingerprint);
    },
    /** Fingerprints by fact id; empty for an adapter of an earlier version or from elsewhere. */
    list: (adapterId: string): ReadonlyMap<string, string> =>
      new Map(rows.parse(byAdapter.all(adapterId)).map((row) => [row.fact_id, row.fingerprint])),
  };
}
