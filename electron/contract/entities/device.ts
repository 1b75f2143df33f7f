import { z } from 'zod';

/** Something on this machine that can train; the processor is always one. */
export const device = z.object({
  /** What `train --device` takes: "cpu", "cuda0", "vulkan0", "metal0". */
  name: z.string(),
  description: z.string(),
  /** software: a GPU's interface computed by the processor, for trials; never chosen by itself. */
  type: z.enum(['cpu', 'gpu', 'igpu', 'software']),
  memoryFreeBytes: z.number(),
  memoryTotalBytes: z.number(),
  supported: z.boolean(),
  /** Why it cannot be used. */
  reason: z.string().nullable(),
});
export type Device = z.infer<typeof device>;
