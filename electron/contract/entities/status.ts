import { z } from 'zod';
import { factState } from './fact.ts';
import { job } from './job.ts';
import { profile } from './profile.ts';

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
  /** What is running or was interrupted. */
  jobs: z.array(job),
});
export type Status = z.infer<typeof status>;
