/**
 * What is asked of a model hub, and how its answers are read: addresses and schemas, no connection.
 *
 * `GET /api/models` searches, `GET /api/models/OWNER/NAME/tree/REVISION` lists files with size and SHA-256, and
 * `/OWNER/NAME/resolve/REVISION/FILE` is the file itself.
 */
import { z } from 'zod';
import type { HubModel } from '../../contract/entities/catalogue.ts';
import { AppError } from '../../contract/errors.ts';

export type HubFile = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string | null;
};

const sha256Pattern = /^(?:sha256:)?([0-9a-f]{64})$/u;
const supported = new Set(['llama', 'qwen2', 'qwen3']);

const treeAnswer = z.array(
  z.looseObject({
    type: z.string(),
    path: z.string(),
    size: z.number().int().nonnegative().default(0),
    lfs: z.looseObject({ oid: z.string().default(''), size: z.number().int().optional() }).nullish(),
  }),
);

const searchAnswer = z.array(
  z.looseObject({
    id: z.string(),
    downloads: z.number().int().nullish(),
    gated: z.union([z.boolean(), z.string()]).nullish(),
    tags: z.array(z.string()).nullish(),
    gguf: z.looseObject({ architecture: z.string().nullish() }).nullish(),
  }),
);

/** Where the hub is asked for repositories with GGUF files, the most used first. */
export function searchUrl(endpoint: string, query: string, limit: number): string {
  const url = new URL(`${endpoint}/api/models`);
  url.searchParams.set('search', query);
  url.searchParams.set('filter', 'gguf');
  url.searchParams.set('sort', 'downloads');
  url.searchParams.set('direction', '-1');
  url.searchParams.set('limit', String(limit));
  for (const field of ['gguf', 'downloads', 'gated', 'tags']) url.searchParams.append('expand[]', field);
  return url.href;
}

/** Where the files of a repository are listed. */
export function treeUrl(endpoint: string, repository: string, revision: string): string {
  return `${endpoint}/api/models/${encodePath(repository)}/tree/${encodeURIComponent(revision)}?recursive=true`;
}

/** Where a file is downloaded from. */
export function fileUrl(endpoint: string, repository: string, revision: string, file: string): string {
  return `${endpoint}/${encodePath(repository)}/resolve/${encodeURIComponent(revision)}/${encodePath(file)}`;
}

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The GGUF files of a repository. Throws `download-failed` on an answer of another kind. */
export function parseTree(answer: unknown): HubFile[] {
  return parse(treeAnswer, answer)
    .filter(({ type, path }) => type === 'file' && /\.gguf$/iu.test(path))
    .map(({ path, size, lfs }) => ({
      path,
      sizeBytes: lfs?.size ?? size,
      sha256: sha256Pattern.exec(lfs?.oid.toLowerCase() ?? '')?.[1] ?? null,
    }));
}

/** The repositories of a search, without their files. Throws `download-failed` on an answer of another kind. */
export function parseSearch(answer: unknown): Omit<HubModel, 'files'>[] {
  return parse(searchAnswer, answer).map(({ id, downloads, gated, tags, gguf }) => {
    const architecture = gguf?.architecture ?? null;
    const licence = tags?.find((tag) => tag.startsWith('license:'))?.slice('license:'.length) ?? null;
    return {
      repository: id,
      downloads: downloads ?? null,
      licence,
      architecture,
      isSupported: architecture === null ? null : supported.has(architecture),
      isGated: gated !== undefined && gated !== null && gated !== false,
    };
  });
}

function parse<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.output<Schema> {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new AppError('download-failed', 'The hub answered in a way that is not understood.', {
    hint: 'Try again later, or name the file by its address.',
    cause: parsed.error,
  });
}
