import { z } from 'zod';

/** One person or role with facts, adapters and conversations of its own; nothing is shared between two. */
export const profile = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.number().int(),
  /** The one that is opened where none is named. */
  current: z.boolean(),
});
export type Profile = z.infer<typeof profile>;
