/** What a profile's archive says about itself, before anything else in it: its parts with their hashes. */
import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';

/** Number of the archive's layout. */
export const archiveVersion = 1;
/** Where the manifest and the database stand in an archive. */
export const manifestPath = 'manifest.json';
export const databasePath = 'profile.db';

/** Largest parts that are taken, in bytes: the manifest and the database are read into memory. */
export const archiveLimits = { manifest: 4_000_000, database: 1_000_000_000 };

const sha256 = z.string().regex(/^[0-9a-f]{64}$/u);
const adapterPath = /^adapters\/[\w-]{1,80}\.gguf$/u;

/** A base model that an adapter of the profile belongs to; the archive does not hold it. */
export const archivedBase = z.object({
  id: z.string().regex(/^[\w-]{1,80}$/u),
  name: z.string().max(200),
  sizeBytes: z.number().int().nonnegative(),
  sha256,
  architecture: z.string().max(100),
  quantisation: z.string().max(100),
  contextLength: z.number().int().positive(),
  licence: z.string().max(1000).nullable(),
});
export type ArchivedBase = z.infer<typeof archivedBase>;

const head = z.object({ format: z.literal('keepsake-profile'), version: z.number().int() });

const manifestSchema = head.extend({
  version: z.literal(archiveVersion),
  name: z.string(),
  exportedAt: z.number().int(),
  /** Schema version of the database. */
  schema: z.number().int(),
  facts: z.number().int(),
  baseModels: z.array(archivedBase).max(1000),
  /** Every other part, in its order. */
  files: z
    .array(
      z.object({
        path: z.string().refine((path) => path === databasePath || adapterPath.test(path)),
        sizeBytes: z.number().int().nonnegative(),
        sha256,
      }),
    )
    .max(10_000),
});
export type ProfileManifest = z.infer<typeof manifestSchema>;

/** Checks the text of a manifest. Throws `invalid-input`, or `database-newer` for a layout of a later version. */
export function parseManifest(text: string): ProfileManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notAnArchive('Its manifest is not JSON.', cause);
  }
  const begun = head.safeParse(value);
  if (!begun.success) throw notAnArchive('Its manifest is of another kind.', begun.error);
  if (begun.data.version > archiveVersion) throw newerArchive();
  const parsed = manifestSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw notAnArchive(`Its manifest is wrong at "${issue?.path.join('.') ?? ''}".`, parsed.error);
  }
  const paths = parsed.data.files.map((file) => file.path);
  if (new Set(paths).size !== paths.length || !paths.includes(databasePath)) {
    throw notAnArchive('Its manifest lists a part twice or no database.');
  }
  const database = parsed.data.files.find((file) => file.path === databasePath);
  if ((database?.sizeBytes ?? 0) > archiveLimits.database) throw notAnArchive('Its database is too large.');
  return parsed.data;
}

/** The file is no archive, or a damaged one. */
export function notAnArchive(why: string, cause?: unknown): AppError {
  return new AppError(
    'invalid-input',
    `The file is not a whole profile archive. ${why} Nothing was imported.`,
    {
      hint: 'Make one with: keepsake profiles export PROFILE --output FILE',
      cause,
    },
  );
}

/** The archive comes from a later version of the program. */
export function newerArchive(): AppError {
  return new AppError(
    'database-newer',
    'The profile was exported by a newer version of Keepsake. Nothing was imported.',
    {
      hint: 'Update Keepsake, then import it again.',
    },
  );
}
