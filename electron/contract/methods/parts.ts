/** What the tables of methods share. */
import { z } from 'zod';

export const nothing = z.object({});

/** Adapters that had learnt what is never to be trained any more and are destroyed; absent where there were none. */
export const unlearnt = z.object({
  destroyedAdapters: z.array(z.string()).optional(),
  rebuildNeeded: z.boolean().optional(),
  /** Stopped trainings that had begun to learn it and cannot be gone on with. */
  discardedRuns: z.number().int().optional(),
});

export const jobStarted = z.object({ jobId: z.string() });

/** Page of a list: how many rows, and where it goes on. */
export const page = {
  limit: z.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(10_000).optional(),
};

/** Kept conversations that still say what was forgotten: their owner may remove them. */
export const mentions = {
  conversations: z.array(z.object({ id: z.string(), title: z.string() })).optional(),
};
