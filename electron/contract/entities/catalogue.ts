import { z } from 'zod';
import { modelShape } from './model.ts';

export const architecture = z.enum(['llama', 'qwen2', 'qwen3']);

const sha256 = z.string().regex(/^[0-9a-f]{64}$/u);

/** A recommended base: where it comes from, what it may be used for and what it needs. */
export const catalogueEntry = z.object({
  id: z.string().regex(/^[a-z0-9.-]+$/u),
  name: z.string(),
  architecture,
  /** Repository and file at the hub. */
  source: z.object({ repository: z.string(), file: z.string(), revision: z.string() }),
  quantisation: z.string(),
  sizeBytes: z.number().int().positive(),
  /** True where only the hub knows the exact size. */
  isSizeApproximate: z.boolean(),
  /** Null where the hub is asked for it ("ask the hub" in the file). */
  sha256: sha256.nullable(),
  /** All parameters, biases and norms too. */
  parameters: z.number().int().positive(),
  licence: z.object({ id: z.string(), name: z.string(), url: z.url(), limits: z.string() }),
  shape: modelShape,
  /** Bytes that two threads need, as model-fit estimates them. */
  memory: z.object({
    chatBytes: z.number().int().positive(),
    trainBytes: z.number().int().positive(),
    trainFrugalBytes: z.number().int().positive(),
  }),
  remark: z.string(),
});
export type CatalogueEntry = z.infer<typeof catalogueEntry>;

/** Does a model fit into this machine's memory? `slowly`: training on the compressed weights only. */
export const fitReport = z.object({
  chat: z.enum(['yes', 'no']),
  train: z.enum(['yes', 'slowly', 'no']),
  chatBytes: z.number().int(),
  trainBytes: z.number().int(),
  trainFrugalBytes: z.number().int(),
  availableBytes: z.number().int(),
});
export type FitReport = z.infer<typeof fitReport>;

/** A repository of GGUF files at the hub, as far as the hub told. */
export const hubModel = z.object({
  repository: z.string(),
  downloads: z.number().int().nullable(),
  licence: z.string().nullable(),
  /** Null where the hub does not say. */
  architecture: z.string().nullable(),
  isSupported: z.boolean().nullable(),
  /** True where a login or an accepted licence is needed. */
  isGated: z.boolean(),
  files: z.array(
    z.object({
      file: z.string(),
      /** What `models get` takes. */
      source: z.string(),
      sizeBytes: z.number().int(),
      sha256: sha256.nullable(),
    }),
  ),
});
export type HubModel = z.infer<typeof hubModel>;

/** What a finished download gives. */
export const downloadReport = z.object({
  id: z.string(),
  added: z.boolean(),
  file: z.string(),
  sha256: z.string(),
  sizeBytes: z.number().int(),
  /** Who told the hash that the file was checked against; `nobody`: only its inside was checked. */
  hashFrom: z.enum(['user', 'catalogue', 'hub', 'nobody']),
  /** False where the file was there already. */
  downloaded: z.boolean(),
  url: z.string().nullable(),
  resumedFrom: z.number().int(),
  fit: fitReport.nullable(),
});
export type DownloadReport = z.infer<typeof downloadReport>;
