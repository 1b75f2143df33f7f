/**
 * The versions of what was learnt: which adapters there are, which one answers, and what a forgotten fact takes along.
 */
import { rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Verdict } from '../../contract/entities/evaluation.ts';
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import { AppError } from '../../contract/errors.ts';
import { withStorageErrors } from '../db/database-errors.ts';
import { beginsAsGguf } from '../models/file-identity.ts';
import { hasSeen, judge, mayServe, olderThan, toActivated } from './adapter-lifecycle.ts';
import { createAdapterStore, type VersionMarks } from './adapter-store.ts';

/** Shortest part of an id that may stand for it. */
const shortestPrefix = 6;

export type AdapterServiceInput = {
  readonly db: Database;
  /** The base an adapter belongs to, checked to be there and unchanged. Throws when it is not. */
  readonly assertBase: (baseModelId: string) => Promise<BaseModel>;
  /** Makes the runtime let go of an adapter's file before it is deleted. */
  readonly releaseAdapter: (file: string) => Promise<void>;
};

export type AdapterService = ReturnType<typeof createAdapterService>;

/** What a person writes beside a version; null erases. */
export type VersionChange = {
  readonly name?: string | null | undefined;
  readonly note?: string | null | undefined;
  readonly pinned?: boolean | undefined;
};

/** What answers after a change of adapters: null stands for the base alone. */
export type ActiveChange = {
  readonly active: Adapter | null;
  readonly previous: Adapter | null;
  readonly message: string;
};

/** What was destroyed when facts were forgotten. */
export type Forgotten = {
  readonly destroyed: readonly Pick<Adapter, 'id' | 'runId' | 'file'>[];
  readonly active: Adapter | null;
};

/** Use cases of adapters. */
export function createAdapterService(input: AdapterServiceInput) {
  const store = createAdapterStore(input.db);

  const active = (): Adapter | null => {
    const id = store.findActiveId();
    return id === undefined ? null : (store.find(id) ?? null);
  };

  /** Accepts the beginning of an id, from 6 characters on, while it names one adapter only. */
  const get = (id: string): Adapter => {
    const exact = store.find(id);
    if (exact !== undefined) return exact;
    const found = id.length < shortestPrefix ? [] : store.listByPrefix(id);
    const [only] = found;
    if (found.length > 1) {
      throw new AppError('invalid-input', `Several adapters begin with ${id}.`, {
        hint: 'Give more characters of the id; `keepsake adapters list` shows them.',
      });
    }
    if (only === undefined) {
      throw new AppError('not-found', `There is no adapter ${id}.`, {
        hint: 'See which there are with: keepsake adapters list',
      });
    }
    return only;
  };

  const discardUnused = (id: string): void => {
    const adapter = get(id);
    withStorageErrors(dirname(adapter.file), () => rmSync(adapter.file, { force: true }));
    store.remove(adapter.id);
  };

  const switchTo = (adapter: Adapter): void => {
    input.db.transaction(() => {
      store.update(adapter);
      store.setActiveId(adapter.id);
    })();
  };

  return {
    active,
    get,
    find: (id: string): Adapter | undefined => store.find(id),
    /** Newest first. */
    list: (): Adapter[] => store.list(),
    newest: (): Adapter | undefined => store.list()[0],
    /** Numbers and what a person wrote, by adapter id. */
    marks: (): ReadonlyMap<string, VersionMarks> => store.marks(),
    /** Names a version, notes something beside it, pins it; only what is given changes. Gives its whole id. */
    describe: (id: string, change: VersionChange): string => {
      const adapter = get(id);
      const before = store.marks().get(adapter.id);
      if (before === undefined) return adapter.id;
      store.saveMarks(adapter.id, {
        ...before,
        ...(change.name !== undefined && { name: textOrNull(change.name) }),
        ...(change.note !== undefined && { note: textOrNull(change.note) }),
        ...(change.pinned !== undefined && { pinned: change.pinned }),
      });
      return adapter.id;
    },

    /** Keeps a trained adapter; the facts of its ancestors count as its own. */
    insertCandidate: (adapter: Adapter): Adapter => {
      const parent = adapter.parentAdapterId === null ? undefined : store.find(adapter.parentAdapterId);
      const factIds = [...new Set([...adapter.factIds, ...(parent?.factIds ?? [])])].sort();
      const candidate: Adapter = { ...adapter, factIds, state: 'candidate', override: null, verdict: null };
      input.db.transaction(() => store.insert(candidate))();
      return candidate;
    },

    /** Approves or rejects after an evaluation; does not activate. */
    setVerdict: (id: string, verdict: Verdict): Adapter => {
      const judged = judge(get(id), verdict);
      store.update(judged);
      return judged;
    },

    /** Lets an adapter answer that was just approved; its base and its file were in use a moment ago. */
    /** The base alone answers from now on. */
    deactivate: (): void => store.setActiveId(null),
    setActive: (id: string): void => switchTo(toActivated(get(id))),

    /** Lets an adapter answer. One that did not pass the gate needs `override`, a reason that is kept with it. */
    activate: async (
      id: string,
      options: { readonly override?: string | undefined } = {},
    ): Promise<Adapter> => {
      const activated = toActivated(get(id), options.override);
      assertAdapterFile(activated);
      await input.assertBase(activated.baseModelId);
      switchTo(activated);
      return activated;
    },

    /** Destroys an adapter that is not in use: its file, then its row. */
    discard: async (id: string): Promise<void> => {
      await input.releaseAdapter(get(id).file);
      discardUnused(id);
    },
    /** The same at start-up, where no model has opened it yet. */
    discardUnused,

    /** Goes back to the adapter before the active one that may answer and is still there, or to the base alone. */
    rollback: async (): Promise<ActiveChange> => {
      const previous = active();
      if (previous === null) {
        throw new AppError('conflict', 'There is nothing to go back from: no adapter is active.', {
          hint: 'Choose one with: keepsake adapters activate ID',
        });
      }
      const target = olderThan(store.list(), previous.id).find(
        (adapter) => mayServe(adapter) && isAdapterFile(adapter.file),
      );
      if (target === undefined) {
        store.setActiveId(null);
        return {
          active: null,
          previous,
          message: `Adapter ${previous.id} is no longer active. There is no earlier approved one: the base model answers, with the facts in its prompt.`,
        };
      }
      await input.assertBase(target.baseModelId);
      switchTo(target);
      return {
        active: target,
        previous,
        message: `Adapter ${target.id} is active again, instead of ${previous.id}.`,
      };
    },

    /**
     * Destroys every adapter that was trained on one of the facts.
     *
     * Chat leaves them before anything is deleted; when a file cannot be deleted the rows stay, so that the same
     * call can be made again.
     */
    forgetFacts: async (factIds: readonly string[]): Promise<Forgotten> => {
      const forgotten = new Set(factIds);
      const adapters = store.list();
      const doomed = adapters.filter((adapter) => hasSeen(adapter, forgotten));
      const current = active();
      let next = current;
      if (current !== null && hasSeen(current, forgotten)) {
        next =
          adapters.find(
            (each) =>
              !hasSeen(each, forgotten) &&
              // Nobody knows what an imported one saw.
              each.imported === undefined &&
              mayServe(each) &&
              isAdapterFile(each.file),
          ) ?? null;
        store.setActiveId(next?.id ?? null);
      }
      for (const adapter of doomed) {
        await input.releaseAdapter(adapter.file);
        withStorageErrors(dirname(adapter.file), () => rmSync(adapter.file, { force: true }));
      }
      input.db.transaction(() => {
        for (const adapter of doomed) store.remove(adapter.id);
      })();
      return { destroyed: doomed.map(({ id, runId, file }) => ({ id, runId, file })), active: next };
    },
  };
}

function textOrNull(text: string | null): string | null {
  const clean = text?.trim() ?? '';
  return clean === '' ? null : clean;
}

/** Throws `not-found` for a missing file and `model-corrupt` for one that is no GGUF. */
export function assertAdapterFile(adapter: Pick<Adapter, 'id' | 'file'>): void {
  const state = fileState(adapter.file);
  if (state === 'there') return;
  const hint = 'Go back with: keepsake adapters rollback, or train again with: keepsake train';
  if (state === 'missing') {
    throw new AppError('not-found', `The file of adapter ${adapter.id} is missing: ${adapter.file}.`, {
      hint,
    });
  }
  throw new AppError('model-corrupt', `The file of adapter ${adapter.id} is damaged: ${adapter.file}.`, {
    hint,
  });
}

function isAdapterFile(file: string): boolean {
  return fileState(file) === 'there';
}

function fileState(file: string): 'there' | 'missing' | 'damaged' {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return 'missing';
  return beginsAsGguf(file) ? 'there' : 'damaged';
}
