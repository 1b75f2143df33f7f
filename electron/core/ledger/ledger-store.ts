import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { keepRows } from '../db/kept-rows.ts';
import type { LedgerEntry } from './fact-state.ts';

/** As the STRICT table guarantees it: ten thousand rows need no second check. */
type LedgerRow = {
  readonly fact_id: string;
  readonly right_count: number;
  readonly asked: number;
  readonly mixed_up: number;
  readonly tested_at: number;
  readonly told_wrong: number;
};

/** A verdict with the adapter that gave it. */
export const storedVerdict = z.object({
  factId: z.string(),
  adapterId: z.string(),
  right: z.number(),
  asked: z.number(),
  /** Absent in what an undo kept before it was counted. */
  mixedUp: z.number().default(0),
  testedAt: z.number(),
  /** Absent in what an undo kept before it could be told. */
  toldWrong: z.number().default(0),
});
export type StoredVerdict = z.infer<typeof storedVerdict>;

/** An entry with the time of its test. */
export type TestedEntry = LedgerEntry & { readonly testedAt: number };

export type LedgerStore = ReturnType<typeof createLedgerStore>;

/** SQL of the ledger: how each adapter answered the test questions about each fact version. */
export function createLedgerStore(db: Database) {
  const upsert = db.prepare(
    `INSERT INTO ledger (fact_id, adapter_id, right_count, asked, mixed_up, tested_at)
     VALUES (@factId, @adapterId, @right, @asked, @mixedUp, @testedAt)
     ON CONFLICT (fact_id, adapter_id) DO UPDATE SET right_count = excluded.right_count, asked = excluded.asked,
       mixed_up = excluded.mixed_up, tested_at = excluded.tested_at`,
  );
  const byAdapter = db.prepare<[string], LedgerRow>(
    'SELECT fact_id, right_count, asked, mixed_up, tested_at, told_wrong FROM ledger WHERE adapter_id = ? ORDER BY fact_id',
  );
  const removeFact = db.prepare('DELETE FROM ledger WHERE fact_id = ?');
  const byFact = db.prepare(
    `SELECT fact_id AS factId, adapter_id AS adapterId, right_count AS right, asked, mixed_up AS mixedUp, tested_at AS testedAt,
       told_wrong AS toldWrong
     FROM ledger WHERE fact_id = ? ORDER BY adapter_id`,
  );
  const restore = db.prepare(
    `INSERT OR REPLACE INTO ledger (fact_id, adapter_id, right_count, asked, mixed_up, tested_at, told_wrong)
     SELECT @factId, @adapterId, @right, @asked, @mixedUp, @testedAt, @toldWrong WHERE EXISTS (SELECT 1 FROM adapters WHERE id = @adapterId)`,
  );
  const tellWrong = db.prepare(
    'UPDATE ledger SET told_wrong = @toldWrong WHERE fact_id = @factId AND adapter_id = @adapterId',
  );
  const listByAdapter = keepRows(db, 'ledger', ['adapters', 'ledger'], (adapterId): readonly TestedEntry[] =>
    byAdapter.all(adapterId).map(toEntry),
  );
  return {
    /** False where that version was never tested for that fact. */
    tellWrong: (factId: string, adapterId: string, isWrong: boolean): boolean =>
      tellWrong.run({ factId, adapterId, toldWrong: isWrong ? 1 : 0 }).changes > 0,
    listByFact: (factId: string): StoredVerdict[] => z.array(storedVerdict).parse(byFact.all(factId)),
    restore: (verdict: StoredVerdict): void => {
      restore.run(verdict);
    },
    upsert: (entry: LedgerEntry & { readonly adapterId: string; readonly testedAt: number }): void => {
      upsert.run(entry);
    },
    listByAdapter,
    removeFact: (factId: string): void => {
      removeFact.run(factId);
    },
  };
}

function toEntry({ fact_id, right_count, asked, mixed_up, tested_at, told_wrong }: LedgerRow): TestedEntry {
  const entry = { factId: fact_id, right: right_count, asked, mixedUp: mixed_up, testedAt: tested_at };
  return told_wrong === 1 ? { ...entry, toldWrong: true } : entry;
}
