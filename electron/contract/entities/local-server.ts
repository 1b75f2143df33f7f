import { z } from 'zod';

/** The endpoint for other programs on this computer. It ends with the app. */
export const localServer = z.object({
  /** It listens now. */
  on: z.boolean(),
  port: z.number().int(),
  /** Where programs ask; null while it is off. */
  url: z.string().nullable(),
  /** What they must send; null while there is none yet. */
  key: z.string().nullable(),
  /** Why it does not listen although it was left on. */
  problem: z.string().nullable(),
});
export type LocalServer = z.infer<typeof localServer>;
