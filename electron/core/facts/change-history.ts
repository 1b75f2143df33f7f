/**
 * Every change of facts with its inverse: the rows that it touched, as they stood before.
 *
 * An undo swaps those rows with the present ones, so that the same change then holds what a redo needs. A new change
 * lets go of what was undone. Forgetting is no such change: it also erases every image of the forgotten thing.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { FactChange } from '../../contract/entities/fact-list.ts';
import { AppError } from '../../contract/errors.ts';
import type { Clock } from '../dependencies.ts';
import { createChangeStore, type FactImage } from './change-store.ts';

/** How many changes can be undone. */
export const undoDepth = 50;

/** Proofs that a change takes from facts, as the ledger gives them. */
export type Verdicts = readonly Readonly<Record<string, unknown>>[];

export type ChangeHistoryInput = {
  readonly db: Database;
  readonly clock: Clock;
  /** Takes away what was proved about versions, and of what follows from them. */
  readonly takeVerdicts: (changed: ReadonlySet<string>) => Verdicts;
  readonly restoreVerdicts: (verdicts: Verdicts) => void;
};

/** The next step of an undo or redo. */
export type PlannedStep = {
  readonly change: FactChange;
  readonly images: readonly FactImage[];
  /** Facts that the step takes away. */
  readonly removedIds: readonly string[];
};

export type ChangeHistory = ReturnType<typeof createChangeHistory>;

const verdictList = z.array(z.record(z.string(), z.unknown()));
const provedFields = z.object({
  value: z.string(),
  valid_from: z.string().nullable(),
  valid_to: z.string().nullable(),
  standing: z.string(),
  never_train: z.number(),
});

/** Creates the history of one profile. */
export function createChangeHistory(input: ChangeHistoryInput) {
  const { db } = input;
  const store = createChangeStore(db);
  let open: { readonly id: number; verdicts: Verdicts } | null = null;

  /** Versions that stand otherwise than before, as far as a proof depends on it. */
  function differing(before: readonly FactImage[], after: readonly FactImage[]): Set<string> {
    const then = new Map(before.map(({ factId, image }) => [factId, provedPart(image)]));
    return new Set(
      after.flatMap(({ factId, image }) => (then.get(factId) === provedPart(image) ? [] : [factId])),
    );
  }

  function plan(direction: 'undo' | 'redo'): PlannedStep {
    const change = direction === 'undo' ? store.findLast() : store.findNext();
    if (change === undefined) {
      throw new AppError('conflict', `There is nothing to ${direction}.`, {
        hint: 'See what was changed with: keepsake facts history',
      });
    }
    const images = store.images(change.id);
    return { change, images, removedIds: images.flatMap((row) => (row.image === null ? [row.factId] : [])) };
  }

  return {
    /** Runs the work of one change in a transaction; what touched no row leaves no trace. */
    record: <Result>(kind: FactChange['kind'], detail: string | null, work: () => Result): Result =>
      db
        .transaction(() => {
          const id = store.insert({ kind, detail, createdAt: input.clock.now() });
          const current = { id, verdicts: [] as Verdicts };
          open = current;
          try {
            const result = work();
            if (store.isEmpty(id)) {
              store.remove(id);
            } else {
              store.conclude(id, false, JSON.stringify(current.verdicts));
              store.removeUndone();
              store.keepNewest(undoDepth);
            }
            return result;
          } finally {
            open = null;
          }
        })
        .immediate(),
    /** Called before a fact is written or removed. */
    touch: (factId: string, thing: string): void => {
      if (open !== null) store.touch(open.id, factId, thing);
    },
    /** Lets go of proofs about versions that a change made other ones. */
    takeVerdicts: (changed: ReadonlySet<string>): void => {
      if (changed.size === 0) return;
      const taken = input.takeVerdicts(changed);
      if (open !== null) open.verdicts = [...open.verdicts, ...taken];
    },
    list: (): FactChange[] => store.list(),
    /** Throws `conflict` where there is nothing to do. */
    plan,
    /** Undoes the last change, or does again the one that was undone last. */
    step: (direction: 'undo' | 'redo'): FactChange =>
      db
        .transaction(() => {
          const { change, images } = plan(direction);
          store.swap(change.id, images);
          const taken = input.takeVerdicts(differing(store.images(change.id), images));
          input.restoreVerdicts(verdictList.parse(JSON.parse(store.verdicts(change.id))));
          store.conclude(change.id, direction === 'undo', JSON.stringify(taken));
          return { ...change, undone: direction === 'undo' };
        })
        .immediate(),
    /** Erases every image of these things. The caller holds the transaction and erases the free pages afterwards. */
    forgetThings: (things: readonly string[]): void => store.forgetThings(things),
    /** Erases all images; the facts stay as they are. */
    clear: (): number =>
      db
        .transaction(() => {
          const changes = store.list();
          for (const change of changes) store.remove(change.id);
          return changes.length;
        })
        .immediate(),
  };
}

function provedPart(image: string | null): string {
  return image === null ? '' : JSON.stringify(provedFields.parse(JSON.parse(image)));
}
