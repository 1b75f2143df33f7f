import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { dataset, recipeName, sampleCounts, type Dataset } from '../../contract/entities/training.ts';

const row = z.object({
  id: z.string(),
  sha256: z.string(),
  recipe: recipeName,
  base_model_id: z.string(),
  seed: z.number(),
  counts: z.string().transform((text) => sampleCounts.parse(JSON.parse(text))),
  fact_ids: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
  created_at: z.number(),
});

export type DatasetStore = ReturnType<typeof createDatasetStore>;

/** SQL of the datasets; immutable once inserted. */
export function createDatasetStore(db: Database) {
  const columns = 'id, sha256, recipe, base_model_id, seed, counts, fact_ids, created_at';
  const insert = db.prepare(
    `INSERT INTO datasets (${columns}, samples)
     VALUES (@id, @sha256, @recipe, @baseModelId, @seed, @counts, @factIds, @createdAt, @samples)`,
  );
  const byId = db.prepare(`SELECT ${columns} FROM datasets WHERE id = ?`);
  const bySha = db.prepare(
    `SELECT ${columns} FROM datasets WHERE sha256 = ? AND recipe = ? AND base_model_id = ? AND seed = ? LIMIT 1`,
  );
  const newest = db.prepare(`SELECT ${columns} FROM datasets ORDER BY created_at DESC, rowid DESC LIMIT 1`);
  const all = db.prepare(`SELECT ${columns} FROM datasets ORDER BY created_at DESC, rowid DESC`);
  const newestWith = db.prepare(
    `SELECT samples FROM datasets WHERE EXISTS (
       SELECT 1 FROM json_each(datasets.fact_ids) AS seen WHERE seen.value = ?)
     ORDER BY created_at DESC, rowid DESC LIMIT 1`,
  );
  const samplesOf = db.prepare('SELECT samples FROM datasets WHERE id = ?');
  return {
    insert: (entity: Dataset, samples: string): void => {
      insert.run({
        ...entity,
        counts: JSON.stringify(entity.counts),
        factIds: JSON.stringify(entity.factIds),
        samples,
      });
    },
    /** Newest first. */
    list: (): Dataset[] => all.all().flatMap((value) => toDataset(value) ?? []),
    find: (id: string): Dataset | undefined => toDataset(byId.get(id)),
    findNewest: (): Dataset | undefined => toDataset(newest.get()),
    findSame: (key: Pick<Dataset, 'sha256' | 'recipe' | 'baseModelId' | 'seed'>): Dataset | undefined =>
      toDataset(bySha.get(key.sha256, key.recipe, key.baseModelId, key.seed)),
    /** Samples of the newest dataset that teaches a fact. */
    findSamplesWith: (factId: string): string | undefined =>
      z.object({ samples: z.string() }).optional().parse(newestWith.get(factId))?.samples,
    getSamples: (id: string): string => z.object({ samples: z.string() }).parse(samplesOf.get(id)).samples,
  };
}

function toDataset(value: unknown): Dataset | undefined {
  if (value === undefined) return undefined;
  const { base_model_id, fact_ids, created_at, ...rest } = row.parse(value);
  return dataset.parse({ ...rest, baseModelId: base_model_id, factIds: fact_ids, createdAt: created_at });
}
