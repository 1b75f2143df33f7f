import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { LedgerEntry } from './fact-state.ts';

const row = z.object({ fact_id: z.string(), right_count: z.number(), asked: z.number() });

export type LedgerStore = ReturnType<typeof createLedgerStore>;

/** SQL of the ledger: how each adapter answered the test questions about each fact version. */
export function createLedgerStore(db: Database) {
  const upsert = db.prepare(
    `INSERT INTO ledger (fact_id, adapter_id, right_count, asked, tested_at)
     VALUES (@factId, @adapterId, @right, @asked, @testedAt)
     ON CONFLICT (fact_id, adapter_id) DO UPDATE SET
       right_count = excluded.right_count, asked = excluded.asked, tested_at = excluded.tested_at`,
  );
  const byAdapter = db.prepare(
    'SELECT fact_id, right_count, asked FROM ledger WHERE adapter_id = ? ORDER BY fact_id',
  );
  const removeFact = db.prepare('DELETE FROM ledger WHERE fact_id = ?');
  return {
    upsert: (entry: LedgerEntry & { readonly adapterId: string; readonly testedAt: number }): void => {
      upsert.run(entry);
    },
    listByAdapter: (adapterId: string): LedgerEntry[] =>
      byAdapter.all(adapterId).map((value) => {
        const found = row.parse(value);
        return { factId: found.fact_id, right: found.right_count, asked: found.asked };
      }),
    removeFact: (factId: string): void => {
      removeFact.run(factId);
    },
  };
}
