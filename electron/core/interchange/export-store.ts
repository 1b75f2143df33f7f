import type { Database } from 'better-sqlite3';
import { z } from 'zod';

/** A file or folder that was written for other programs; `partial` is where it still lies while it is written. */
export type StoredExport = {
  readonly id: string;
  readonly adapterId: string;
  readonly format: string;
  readonly path: string;
  readonly partial: string | null;
  /** Null where nobody knows what it holds. */
  readonly factIds: readonly string[] | null;
  readonly createdAt: number;
};

const row = z.object({
  id: z.string(),
  adapter_id: z.string(),
  format: z.string(),
  path: z.string(),
  partial: z.string().nullable(),
  fact_ids: z.string().nullable(),
  created_at: z.number(),
});

export type ExportStore = ReturnType<typeof createExportStore>;

/** SQL of exports. */
export function createExportStore(db: Database) {
  const insert = db.prepare(
    `INSERT INTO exports (id, adapter_id, format, path, partial, fact_ids, created_at)
     VALUES (@id, @adapterId, @format, @path, @partial, @factIds, @createdAt)`,
  );
  const finish = db.prepare('UPDATE exports SET partial = NULL WHERE id = ?');
  const remove = db.prepare('DELETE FROM exports WHERE id = ?');
  const removeSamePath = db.prepare('DELETE FROM exports WHERE path = ? AND id <> ? AND partial IS NULL');
  const all = db.prepare('SELECT * FROM exports ORDER BY created_at DESC, rowid DESC');
  return {
    insert: (entity: StoredExport): void => {
      insert.run({
        ...entity,
        factIds: entity.factIds === null ? null : JSON.stringify(entity.factIds),
      });
    },
    /** It has its name now; what stood there before is gone. */
    finish: ({ id, path }: Pick<StoredExport, 'id' | 'path'>): void => {
      removeSamePath.run(path, id);
      finish.run(id);
    },
    remove: (id: string): void => {
      remove.run(id);
    },
    /** Newest first. */
    list: (): StoredExport[] => all.all().map(toExport),
  };
}

function toExport(value: unknown): StoredExport {
  const { adapter_id, fact_ids, created_at, ...rest } = row.parse(value);
  return {
    ...rest,
    adapterId: adapter_id,
    factIds: fact_ids === null ? null : z.array(z.string()).parse(JSON.parse(fact_ids)),
    createdAt: created_at,
  };
}
