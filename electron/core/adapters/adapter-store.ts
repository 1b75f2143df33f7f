import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { verdict } from '../../contract/entities/evaluation.ts';
import { adapter, adapterState, type Adapter } from '../../contract/entities/model.ts';
import { objective } from '../../contract/entities/training.ts';

const activeKey = 'active-adapter';

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
        imported)
     VALUES (@id, @baseModelId, @runId, @parentAdapterId, @file, @rank, @alpha, @objective, @state, @override, @verdict,
        @createdAt, @imported)`,
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
  const factsOf = db
    .prepare('SELECT fact_id FROM adapter_facts WHERE adapter_id = ? ORDER BY fact_id')
    .pluck();
  const value = db.prepare('SELECT value FROM profile_values WHERE key = ?').pluck();
  const setValue = db.prepare(
    'INSERT INTO profile_values (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const removeValue = db.prepare('DELETE FROM profile_values WHERE key = ?');

  const toAdapter = (found: unknown): Adapter => {
    const { base_model_id, run_id, parent_adapter_id, created_at, imported, ...rest } = row.parse(found);
    return adapter.parse({
      ...rest,
      baseModelId: base_model_id,
      runId: run_id,
      parentAdapterId: parent_adapter_id,
      createdAt: created_at,
      verdict: rest.verdict === null ? null : verdict.parse(JSON.parse(rest.verdict)),
      imported: imported === null ? undefined : (JSON.parse(imported) as unknown),
      factIds: factsOf.all(rest.id),
    });
  };

  return {
    insert: (entity: Adapter): void => {
      const { factIds, ...columns } = entity;
      const imported = entity.imported ? JSON.stringify(entity.imported) : null;
      insert.run({ ...columns, verdict: toText(entity.verdict), imported });
      for (const factId of factIds) insertFact.run(entity.id, factId);
    },
    update: ({ id, state, override, verdict: judged }: Adapter): void => {
      update.run({ id, state, override, verdict: toText(judged) });
    },
    /** Removes the row, its facts and its ledger entries. */
    remove: (id: string): void => {
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
