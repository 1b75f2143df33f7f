import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { LedgerEntry } from './fact-state.ts';

const row = z.object({ fact_id: z.string(), right_count: z.number(), asked: z.number() });

/** A verdict with the adapter that gave it. */
export const storedVerdict = z.object({
  factId: z.string(),
  adapterId: z.string(),
  right: z.number(),
  asked: z.number(),
  testedAt: z.number(),
});
export type StoredVerdict = z.infer<typeof storedVerdict>;

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
  const byFact = db.prepare(
    `SELECT fact_id AS factId, adapter_id AS adapterId, right_count AS right, asked, tested_at AS testedAt
     FROM ledger WHERE fact_id = ? ORDER BY adapter_id`,
  );
  const restore = db.prepare(
    `INSERT OR REPLACE INTO ledger (fact_id, adapter_id, right_count, asked, tested_at)
     SELECT @factId, @adapterId, @right, @asked, @testedAt WHERE EXISTS (SELECT 1 FROM adapters WHERE id = @adapterId)`,
  );
  return {
    listByFact: (factId: string): StoredVerdict[] => z.array(storedVerdict).parse(byFact.all(factId)),
    restore: (verdict: StoredVerdict): void => {
      restore.run(verdict);
    },
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
