import type { Database } from 'better-sqlite3';
import { keepRows } from '../db/kept-rows.ts';

/** As the STRICT table guarantees it: ten thousand rows need no second check. */
type TaughtRow = { readonly fact_id: string; readonly fingerprint: string };

export type TaughtStore = ReturnType<typeof createTaughtStore>;

/** SQL of what each adapter was taught last; rows go with their adapter. */
export function createTaughtStore(db: Database) {
  const insert = db.prepare(
    'INSERT OR REPLACE INTO adapter_taught (adapter_id, fact_id, fingerprint) VALUES (?, ?, ?)',
  );
  const byAdapter = db.prepare<[string], TaughtRow>(
    'SELECT fact_id, fingerprint FROM adapter_taught WHERE adapter_id = ?',
  );
  const list = keepRows(
    db,
    'taught',
    ['adapters', 'adapter_taught'],
    (adapterId): ReadonlyMap<string, string> =>
      new Map(byAdapter.all(adapterId).map((row) => [row.fact_id, row.fingerprint])),
  );
  return {
    insert: (adapterId: string, taught: ReadonlyMap<string, string>): void => {
      for (const [factId, fingerprint] of taught) insert.run(adapterId, factId, fingerprint);
    },
    /** Fingerprints by fact id; empty for an adapter of an earlier version or from elsewhere. */
    list,
  };
}
