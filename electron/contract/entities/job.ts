import { z } from 'zod';

/** Numbers, not percentages: the reader divides. `total: null` means unknown. */
export const progress = z.object({
  done: z.number(),
  total: z.number().nullable(),
  unit: z.enum(['bytes', 'steps', 'samples', 'questions', 'phases']),
  title: z.string(),
  detail: z.string().optional(),
});
export type Progress = z.infer<typeof progress>;

export const jobState = z.enum([
  'queued',
  'running',
  'cancelling',
  'paused',
  'interrupted',
  'cancelled',
  'failed',
  'succeeded',
]);
export type JobState = z.infer<typeof jobState>;

export const job = z.object({
  id: z.string(),
  kind: z.enum(['train', 'evaluate', 'import', 'download', 'export', 'merge', 'general-answers']),
  state: jobState,
  params: z.unknown(),
  progress: progress.nullable(),
  result: z.unknown().optional(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
  createdAt: z.number().int(),
  startedAt: z.number().int().nullable(),
  endedAt: z.number().int().nullable(),
});
export type Job = z.infer<typeof job>;
