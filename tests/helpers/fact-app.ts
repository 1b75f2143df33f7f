import { fileURLToPath } from 'node:url';
import type { Database } from 'better-sqlite3';
import { openMemoryDatabase } from '../../electron/core/db/open-database.ts';
import { profileMigrations } from '../../electron/core/db/migrations/index.ts';
import { createFactService, type FactService } from '../../electron/core/facts/fact-service.ts';
import { factFlagsOf, factStateOf } from '../../electron/core/ledger/fact-state.ts';
import { loadKinds, type Kinds } from '../../electron/core/facts/kinds.ts';

/** The shipped resources. */
export const resourcesFolder = fileURLToPath(new URL('../../resources', import.meta.url));

/** The shipped kinds of attribute. */
export const shippedKinds: Kinds = loadKinds(resourcesFolder);

/** A fact service over a database in memory, on 15 June 2026 unless said otherwise; ids count up after `firstId`. */
export function createFactApp(
  today = '2026-06-15',
  firstId = 0,
  over: { readonly db?: Database; readonly kinds?: Kinds } = {},
): {
  readonly facts: FactService;
  readonly corrected: string[];
} {
  let next = firstId;
  const corrected: string[] = [];
  const facts = createFactService({
    db: over.db ?? openMemoryDatabase(profileMigrations),
    clock: { now: () => new Date(`${today}T12:00:00`).getTime() },
    newId: () => {
      next += 1;
      return `00000000-0000-4000-8000-${String(next).padStart(12, '0')}`;
    },
    kinds: over.kinds ?? shippedKinds,
    // As without an active adapter, where the prompt has room for everything.
    // eslint-disable-next-line require-yield -- one step is enough
    *statesOf(all) {
      return new Map(
        all.map((fact) => {
          const state = factStateOf({ fact, trained: false, grade: 'untested' });
          return [fact.id, { state, flags: factFlagsOf(fact, state, false) }];
        }),
      );
    },
    forgetVerdicts: (ids) => {
      corrected.push(...ids);
      return [];
    },
  });
  return { facts, corrected };
}
