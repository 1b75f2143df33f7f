import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { verdict } from '../../contract/entities/evaluation.ts';
import { adapter, adapterState, type Adapter } from '../../contract/entities/model.ts';
import { objective } from '../../contract/entities/training.ts';
import { keepRows } from '../db/kept-rows.ts';

const activeKey = 'active-adapter';
const lastVersionKey = 'last-version';

const markRow = z.object({
  id: z.string(),
  number: z.number(),
  name: z.string().nullable(),
  note: z.string().nullable(),
  pinned: z.number(),
});

/** The number of a version, and what a person wrote beside it. */
export type VersionMarks = {
  readonly number: number;
  readonly name: string | null;
  readonly note: string | null;
  readonly pinned: boolean;
};

const row = z.object({
  id: z.string(),
  base_model_id: z.string(),
  run_id: z.string(),
  parent_adapter_id: z.string().nullable(),
  file: z.string(),
  rank: z.number(),
  alpha: z.number(),
  objective,
  state: adapterState,
  override: z.string().nullable(),
  verdict: z.string().nullable(),
  created_at: z.number(),
  imported: z.string().nullable(),
});

export type AdapterStore = ReturnType<typeof createAdapterStore>;

/** SQL of the adapters, the facts they were trained on, and which one is active. */
export function createAdapterStore(db: Database) {
  const insert = db.prepare(
    `INSERT INTO adapters
       (id, base_model_id, run_id, parent_adapter_id, file, rank, alpha, objective, state, override, verdict, created_at,
        imported, number)
     VALUES (@id, @baseModelId, @runId, @parentAdapterId, @file, @rank, @alpha, @objective, @state, @override, @verdict,
        @createdAt, @imported, @number)`,
  );
  const insertFact = db.prepare('INSERT OR IGNORE INTO adapter_facts (adapter_id, fact_id) VALUES (?, ?)');
  const update = db.prepare(
    'UPDATE adapters SET state = @state, override = @override, verdict = @verdict WHERE id = @id',
  );
  const remove = db.prepare('DELETE FROM adapters WHERE id = ?');
  const byId = db.prepare('SELECT * FROM adapters WHERE id = ?');
  const byPrefix = db.prepare(
    'SELECT * FROM adapters WHERE substr(id, 1, length(@prefix)) = @prefix LIMIT 2',
  );
  const all = db.prepare('SELECT * FROM adapters ORDER BY created_at DESC, rowid DESC');
  const selectFacts = db
    .prepare<[string], string>('SELECT fact_id FROM adapter_facts WHERE adapter_id = ? ORDER BY fact_id')
    .pluck();
  const factsOf = keepRows(db, 'adapter_facts', ['adapters', 'adapter_facts'], (adapterId) =>
    selectFacts.all(adapterId),
  );
  const value = db.prepare('SELECT value FROM profile_values WHERE key = ?').pluck();
  const setValue = db.prepare(
    'INSERT INTO profile_values (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const removeValue = db.prepare('DELETE FROM profile_values WHERE key = ?');

  const marks = db.prepare('SELECT id, number, name, note, pinned FROM adapters');
  const saveMarks = db.prepare(
    'UPDATE adapters SET name = @name, note = @note, pinned = @pinned WHERE id = @id',
  );

  const largestNumber = db.prepare('SELECT max(number) FROM adapters').pluck();
  /** The last number that was given, also to a version that is gone. */
  const lastVersion = (): number =>
    Math.max(Number(value.get(lastVersionKey) ?? 0), Number(largestNumber.get() ?? 0));

  const toAdapter = (found: unknown): Adapter => {
    const { base_model_id, run_id, parent_adapter_id, created_at, imported, ...rest } = row.parse(found);
    const parsed = adapter.parse({
      ...rest,
      baseModelId: base_model_id,
      runId: run_id,
      parentAdapterId: parent_adapter_id,
      createdAt: created_at,
      verdict: rest.verdict === null ? null : verdict.parse(JSON.parse(rest.verdict)),
      imported: imported === null ? undefined : (JSON.parse(imported) as unknown),
      factIds: [],
    });
    // Ten thousand of them, of a STRICT table: they need no second check.
    return { ...parsed, factIds: factsOf(rest.id) };
  };

  return {
    insert: (entity: Adapter): void => {
      const { factIds, ...columns } = entity;
      const imported = entity.imported ? JSON.stringify(entity.imported) : null;
      const number = lastVersion() + 1;
      setValue.run(lastVersionKey, String(number));
      insert.run({ ...columns, verdict: toText(entity.verdict), imported, number });
      for (const factId of factIds) insertFact.run(entity.id, factId);
    },
    update: ({ id, state, override, verdict: judged }: Adapter): void => {
      update.run({ id, state, override, verdict: toText(judged) });
    },
    /** By adapter id. */
    marks: (): ReadonlyMap<string, VersionMarks> =>
      new Map(
        z
          .array(markRow)
          .parse(marks.all())
          .map(({ id, pinned, ...rest }) => [id, { ...rest, pinned: pinned !== 0 }]),
      ),
    saveMarks: (id: string, { name, note, pinned }: VersionMarks): void => {
      saveMarks.run({ id, name, note, pinned: pinned ? 1 : 0 });
    },
    /** Removes the row, its facts and its ledger entries. */
    remove: (id: string): void => {
      setValue.run(lastVersionKey, String(lastVersion()));
      remove.run(id);
    },
    find: (id: string): Adapter | undefined => {
      const found = byId.get(id);
      return found === undefined ? undefined : toAdapter(found);
    },
    /** At most two: enough to see that a prefix is ambiguous. */
    listByPrefix: (prefix: string): Adapter[] => byPrefix.all({ prefix }).map(toAdapter),
    /** Newest first. */
    list: (): Adapter[] => all.all().map(toAdapter),
    findActiveId: (): string | undefined => z.string().optional().parse(value.get(activeKey)),
    setActiveId: (id: string | null): void => {
      if (id === null) removeValue.run(activeKey);
      else setValue.run(activeKey, id);
    },
  };
}

function toText(judged: Adapter['verdict']): string | null {
  return judged === null ? null : JSON.stringify(judged);
}
