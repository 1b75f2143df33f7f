/** What the adapters have proved to know, fact by fact. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Fact, FactFlag, FactState } from '../../contract/entities/fact.ts';
import type { Adapter } from '../../contract/entities/model.ts';
import { AppError } from '../../contract/errors.ts';
import type { Clock } from '../dependencies.ts';
import { factFlagsOf, factStateOf, type Grade, type LedgerEntry } from './fact-state.ts';
import { createLedgerStore, storedVerdict, type StoredVerdict, type TestedEntry } from './ledger-store.ts';

export type LedgerServiceInput = {
  readonly db: Database;
  readonly clock: Clock;
  /** The rule of graduation. */
  readonly gradeOf: (entry: LedgerEntry | undefined) => Grade;
};

/** How a fact stands with the active adapter. */
export type FactStanding = { readonly state: FactState; readonly flags: readonly FactFlag[] };

export type LedgerService = ReturnType<typeof createLedgerService>;

/** Use cases of the ledger. */
export function createLedgerService(input: LedgerServiceInput) {
  const store = createLedgerStore(input.db);

  const entriesOf = (adapterId: string): ReadonlyMap<string, LedgerEntry> =>
    new Map(store.listByAdapter(adapterId).map((entry) => [entry.factId, entry]));

  return {
    /** Keeps the outcome of an adapter's test questions; a later outcome replaces an earlier one. All or none. */
    record: (adapterId: string, entries: readonly LedgerEntry[]): void => {
      for (const { factId, right, asked, mixedUp } of entries) {
        const isCount = [right, asked, mixedUp].every((count) => Number.isInteger(count) && count >= 0);
        if (!isCount || right + mixedUp > asked) {
          throw new AppError(
            'internal',
            `The result of fact ${factId} makes no sense: ${right} of ${asked} right.`,
          );
        }
      }
      const testedAt = input.clock.now();
      input.db.transaction(() => {
        for (const entry of entries) store.upsert({ ...entry, adapterId, testedAt });
      })();
    },

    /**
     * An answer of that version about a fact was wrong: the fact goes back into the prompt, and is taught again. False
     * where it rides in the prompt anyway.
     */
    tellWrong: (factId: string, adapterId: string, isWrong: boolean): boolean =>
      store.tellWrong(factId, adapterId, isWrong),

    entries: (adapterId: string): readonly TestedEntry[] => store.listByAdapter(adapterId),

    /** Facts that need no place in the prompt while this adapter answers; none without an adapter. */
    provedIds: (active: Pick<Adapter, 'id' | 'factIds'> | null): ReadonlySet<string> => {
      if (active === null) return new Set();
      const trained = new Set(active.factIds);
      const proved = store
        .listByAdapter(active.id)
        .filter((entry) => input.gradeOf(entry) === 'learned' && trained.has(entry.factId));
      return new Set(proved.map((entry) => entry.factId));
    },

    /** The state of every fact for the active adapter. `waiting` comes from the bridge of a question. */
    states: (
      facts: readonly Fact[],
      active: Pick<Adapter, 'id' | 'factIds'> | null,
      waiting: readonly string[] = [],
    ): ReadonlyMap<string, FactStanding> => {
      const entries = active === null ? new Map<string, LedgerEntry>() : entriesOf(active.id);
      const trained = new Set(active?.factIds);
      const isWaiting = new Set(waiting);
      return new Map(
        facts.map((fact) => {
          const grade = input.gradeOf(entries.get(fact.id));
          const state = factStateOf({ fact, trained: trained.has(fact.id), grade });
          return [fact.id, { state, flags: factFlagsOf(fact, state, isWaiting.has(fact.id)) }];
        }),
      );
    },

    /** A corrected value was proved by nobody. Gives the verdicts that went, for an undo. */
    forgetVerdicts: (factIds: readonly string[]): StoredVerdict[] =>
      input.db.transaction(() =>
        factIds.flatMap((factId) => {
          const gone = store.listByFact(factId);
          if (gone.length > 0) store.removeFact(factId);
          return gone;
        }),
      )(),

    /** Brings verdicts back whose adapter is still there. */
    restoreVerdicts: (verdicts: readonly unknown[]): void => {
      for (const verdict of z.array(storedVerdict).parse(verdicts)) store.restore(verdict);
    },
  };
}
