import { z } from 'zod';

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
  state: adapterState,
  override: z.string().nullable(),
  /** Fact versions it was trained on, ancestors included. */
  factIds: z.array(z.string()),
  verdict: z.object({ approved: z.boolean(), reasons: z.array(z.string()) }).nullable(),
  createdAt: z.number().int(),
});
export type Adapter = z.infer<typeof adapter>;
