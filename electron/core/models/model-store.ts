import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { baseModel, type BaseModel } from '../../contract/entities/model.ts';

const row = z.object({
  id: z.string(),
  name: z.string(),
  file: z.string(),
  size_bytes: z.number(),
  sha256: z.string(),
  file_identity: z.string(),
  architecture: z.string(),
  quantisation: z.string(),
  context_length: z.number(),
  licence: z.string().nullable(),
  created_at: z.number(),
});

export type ModelStore = ReturnType<typeof createModelStore>;

/** SQL of the base models in app.db. */
export function createModelStore(db: Database) {
  const insert = db.prepare(
    `INSERT INTO base_models (id, name, file, size_bytes, sha256, file_identity, architecture, quantisation,
       context_length, licence, created_at)
     VALUES (@id, @name, @file, @sizeBytes, @sha256, @fileIdentity, @architecture, @quantisation, @contextLength,
       @licence, @createdAt)`,
  );
  const updateFile = db.prepare(
    'UPDATE base_models SET file = @file, file_identity = @fileIdentity WHERE id = @id',
  );
  const remove = db.prepare('DELETE FROM base_models WHERE id = ?');
  const byId = db.prepare('SELECT * FROM base_models WHERE id = ?');
  const byPrefix = db.prepare(
    'SELECT * FROM base_models WHERE substr(id, 1, length(@prefix)) = @prefix LIMIT 2',
  );
  const bySha = db.prepare('SELECT * FROM base_models WHERE sha256 = ?');
  const byFile = db.prepare('SELECT * FROM base_models WHERE file = ? ORDER BY created_at DESC, rowid DESC');
  const all = db.prepare('SELECT * FROM base_models ORDER BY created_at DESC, rowid DESC');
  return {
    insert: (model: BaseModel): void => {
      insert.run(model);
    },
    /** Where the same content lies now. */
    updateFile: ({ id, file, fileIdentity }: BaseModel): void => {
      updateFile.run({ id, file, fileIdentity });
    },
    remove: (id: string): void => {
      remove.run(id);
    },
    find: (id: string): BaseModel | undefined => toModel(byId.get(id)),
    /** At most two: enough to see that a prefix is ambiguous. */
    listByPrefix: (prefix: string): BaseModel[] => toModels(byPrefix.all({ prefix })),
    findBySha256: (sha256: string): BaseModel | undefined => toModel(bySha.get(sha256)),
    /** Every content that was ever added from this path, newest first. */
    listByFile: (file: string): BaseModel[] => toModels(byFile.all(file)),
    /** Newest first. */
    list: (): BaseModel[] => toModels(all.all()),
  };
}

function toModels(rows: readonly unknown[]): BaseModel[] {
  return rows.map(toModel).filter((model) => model !== undefined);
}

function toModel(value: unknown): BaseModel | undefined {
  if (value === undefined) return undefined;
  const { size_bytes, file_identity, context_length, created_at, ...rest } = row.parse(value);
  return baseModel.parse({
    ...rest,
    sizeBytes: size_bytes,
    fileIdentity: file_identity,
    contextLength: context_length,
    createdAt: created_at,
  });
}
