import { z } from 'zod';
import { factState } from './fact.ts';
import { job } from './job.ts';
import { runState } from './training.ts';
import { profile } from './profile.ts';

/** A training that did not end: what happened, and how to go on. */
export const stoppedRun = z.object({
  runId: z.string(),
  state: runState,
  step: z.number().int().nullable(),
  steps: z.number().int().nullable(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
  message: z.string(),
  hint: z.string(),
});
export type StoppedRun = z.infer<typeof stoppedRun>;

/** Where a data folder stands, readable while another process writes to it. */
export const status = z.object({
  data: z.string(),
  profile,
  facts: z.object({
    total: z.number().int(),
    current: z.number().int(),
    derived: z.number().int(),
    byState: z.partialRecord(factState, z.number().int()),
  }),
  activeAdapterId: z.string().nullable(),
  baseModelId: z.string().nullable(),
  adapters: z.number().int(),
  /** True from a deletion until the next training. */
  rebuildNeeded: z.boolean(),
  /** True when another process holds the right to write. */
  busy: z.boolean(),
  /** What the last training ran on and by which products ("NVIDIA GeForce RTX 4090/ggml"); null before the first. */
  lastDevice: z.string().nullable(),
  /** Trainings that did not end and can be gone on with. */
  stopped: z.array(stoppedRun),
  /** What is running or was interrupted. */
  jobs: z.array(job),
  /** What was done to the folder right before it was opened, as long as that is news. */
  notice: z.string().nullable(),
});
export type Status = z.infer<typeof status>;
