/**
 * Remembers what was written for other programs, from before the first byte lies on the disk.
 *
 * A row with a partial path belongs to a write that has not ended; the next start of the app clears it up, because even
 * half a file holds personal facts.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type { ExportRecord } from '../../contract/entities/interchange.ts';
import type { Adapter } from '../../contract/entities/model.ts';
import type { Clock } from '../dependencies.ts';
import { partialOf, replacedOf } from '../util/atomic-write.ts';
import { createExportStore, type StoredExport } from './export-store.ts';

export type ExportLog = ReturnType<typeof createExportLog>;

/** The memory of exports of one profile. */
export function createExportLog(input: {
  readonly db: Database;
  readonly clock: Clock;
  readonly newId: () => string;
}) {
  const store = createExportStore(input.db);

  function clear(partial: string): void {
    // The worker has a partial name of its own beside the name that it was given.
    for (const path of [partial, `${partial}.partial`]) rmSync(path, { recursive: true, force: true });
  }

  return {
    /** Runs a write: `work` gets the temporary path and gives the files their name; what failed leaves nothing. */
    record: async <Result>(
      adapter: Adapter,
      target: { readonly format: string; readonly path: string },
      work: (entry: { readonly id: string; readonly partial: string }) => Promise<Result>,
    ): Promise<Result> => {
      const id = input.newId();
      const partial = partialOf(target.path, id);
      const entry: StoredExport = {
        id,
        adapterId: adapter.id,
        format: target.format,
        path: target.path,
        partial,
        factIds: adapter.imported ? null : adapter.factIds,
        createdAt: input.clock.now(),
      };
      input.db.transaction(() => store.insert(entry))();
      try {
        const result = await work({ id, partial });
        input.db.transaction(() => store.finish(entry))();
        return result;
      } catch (error) {
        clear(partial);
        putBack(entry.path, partial);
        input.db.transaction(() => store.remove(id))();
        throw error;
      }
    },

    /** Newest first; those that are still being written are left out. */
    list: (): ExportRecord[] =>
      store
        .list()
        .filter(({ partial }) => partial === null)
        .map(toRecord),

    /** What was written from adapters that hold one of the facts, or from one of which nobody knows what it holds. */
    listHolding: (factIds: readonly string[]): ExportRecord[] => {
      const wanted = new Set(factIds);
      return store
        .list()
        .filter((each) => each.partial === null && (each.factIds?.some((id) => wanted.has(id)) ?? true))
        .map(toRecord);
    },

    listOf: (adapterId: string): ExportRecord[] =>
      store
        .list()
        .filter((each) => each.partial === null && each.adapterId === adapterId)
        .map(toRecord),

    /** Called once by the process that may write: half-written files go, finished ones are kept in mind. */
    recover: (): void => {
      for (const entry of store.list()) {
        if (entry.partial === null) continue;
        const wasUnfinished = existsSync(entry.partial) || existsSync(`${entry.partial}.partial`);
        try {
          clear(entry.partial);
          putBack(entry.path, entry.partial);
        } catch {
          // The disk is away or may not be written to: the row stays, and the next start tries again.
          continue;
        }
        input.db.transaction(() => {
          if (!wasUnfinished && existsSync(entry.path)) store.finish(entry);
          else store.remove(entry.id);
        })();
      }
    },
  };
}

/** A folder that was moved aside and not replaced goes back; one that was replaced goes away. */
function putBack(path: string, partial: string): void {
  const replaced = replacedOf(partial);
  if (!existsSync(replaced)) return;
  if (existsSync(path)) rmSync(replaced, { recursive: true, force: true });
  else renameSync(replaced, path);
}

function toRecord({ id, adapterId, format, path, createdAt }: StoredExport): ExportRecord {
  return { id, adapterId, format, path, exists: existsSync(path), createdAt };
}
