import { z } from 'zod';
import { rate } from './evaluation.ts';

export const exportFormat = z.enum(['gguf', 'peft', 'ollama']);
export type ExportFormat = z.infer<typeof exportFormat>;

/** Types that a merged model can be written in. Below eight bits a weight the file is tested before it is offered. */
export const mergeType = z.enum([
  'f16',
  'bf16',
  'f32',
  'q8_0',
  'q4_0',
  'q4_1',
  'q5_0',
  'q5_1',
  'q4_k',
  'q5_k',
  'q6_k',
]);
export type MergeType = z.infer<typeof mergeType>;

/** What an exported or merged file says about where it came from: keys and texts as they stand in the file. */
export const provenance = z.record(z.string(), z.string());
export type Provenance = z.infer<typeof provenance>;

export const exportResult = z.object({
  exportId: z.string(),
  adapterId: z.string(),
  format: exportFormat,
  /** The file, or the folder. */
  path: z.string(),
  files: z.array(z.string()),
  bytes: z.number().int(),
  /** That it holds personal facts. */
  warning: z.string(),
  /** What else a person should know, such as what other programs do without routing. */
  notes: z.array(z.string()),
  provenance,
});
export type ExportResult = z.infer<typeof exportResult>;

/** The recall test of a merged file beside base + adapter; the same questions, greedy. */
export const mergedRecall = z.object({
  adapter: rate,
  merged: rate,
  /** Questions that both answered with the same words. */
  same: rate,
  /** In points of a hundred; negative where the merged file answered more. */
  lossPoints: z.number(),
  isLarge: z.boolean(),
});
export type MergedRecall = z.infer<typeof mergedRecall>;

export const mergeResult = z.object({
  exportId: z.string(),
  adapterId: z.string(),
  type: mergeType,
  path: z.string(),
  bytes: z.number().int(),
  seconds: z.number(),
  warning: z.string(),
  notes: z.array(z.string()),
  provenance,
  /** Null for types that are as good as the adapter itself. */
  recall: mergedRecall.nullable(),
});
export type MergeResult = z.infer<typeof mergeResult>;

/** A file or folder that left the app: kept so that a deletion can say what it does not reach. */
export const exportRecord = z.object({
  id: z.string(),
  adapterId: z.string(),
  format: z.string(),
  path: z.string(),
  /** False once the file was moved or deleted by somebody. */
  exists: z.boolean(),
  createdAt: z.number().int(),
});
export type ExportRecord = z.infer<typeof exportRecord>;
