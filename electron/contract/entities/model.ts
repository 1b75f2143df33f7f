import { z } from 'zod';
import { objective } from './training.ts';

/** What a model's memory follows from; from the GGUF's metadata. */
export const modelShape = z.object({
  layerCount: z.number().int().positive(),
  embeddingLength: z.number().int().positive(),
  feedForwardLength: z.number().int().positive(),
  headCount: z.number().int().positive(),
  headCountKv: z.number().int().positive(),
  headLength: z.number().int().positive(),
  vocabularySize: z.number().int().positive(),
  contextLength: z.number().int().positive(),
  /** The LM head is the token embedding. */
  isHeadTied: z.boolean(),
});
export type ModelShape = z.infer<typeof modelShape>;

/** A frozen GGUF that is chatted with and trained on. */
export const baseModel = z.object({
  id: z.string(),
  name: z.string(),
  file: z.string(),
  sizeBytes: z.number().int(),
  sha256: z.string(),
  /** The hash is trusted while size, mtime and inode match. */
  fileIdentity: z.string(),
  architecture: z.string(),
  quantisation: z.string(),
  contextLength: z.number().int(),
  licence: z.string().nullable(),
  createdAt: z.number().int(),
});
export type BaseModel = z.infer<typeof baseModel>;

export const adapterState = z.enum(['candidate', 'approved', 'rejected']);

/** A trained pair of matrices per linear layer in one GGUF file; `file` is unique and never reused. */
export const adapter = z.object({
  id: z.string(),
  baseModelId: z.string(),
  runId: z.string(),
  parentAdapterId: z.string().nullable(),
  file: z.string(),
  rank: z.number().int(),
  alpha: z.number(),
  /** Whether it hands general prompts over to the base or answers everything itself. */
  objective,
  state: adapterState,
  override: z.string().nullable(),
  /** Fact versions it was trained on, ancestors included. */
  factIds: z.array(z.string()),
  verdict: z.object({ approved: z.boolean(), reasons: z.array(z.string()) }).nullable(),
  createdAt: z.number().int(),
  /** Where it came from, when it was made elsewhere: nobody knows what such an adapter learnt. */
  imported: z.object({ format: z.enum(['gguf', 'peft']), name: z.string(), sha256: z.string() }).optional(),
});
export type Adapter = z.infer<typeof adapter>;

/** An adapter as a reader sees it: with its number, and what a person wrote beside it. */
export const adapterVersion = adapter.extend({
  /** Counted from 1 in the order of their making; never given twice. */
  number: z.number().int(),
  name: z.string().nullable(),
  note: z.string().nullable(),
  pinned: z.boolean(),
  /** Facts that it proved, and those it was trained on that are still in force. */
  learned: z.number().int(),
  taught: z.number().int(),
  general: z.object({ right: z.number().int(), n: z.number().int() }).nullable(),
  /** Newer facts that it was never taught. */
  lacks: z.number().int(),
  /** True where it learnt something that was forgotten later. */
  knowsForgotten: z.boolean(),
  sizeBytes: z.number().nullable(),
  /** False where its file is gone. */
  isFileThere: z.boolean(),
  baseName: z.string(),
});
export type AdapterVersion = z.infer<typeof adapterVersion>;
