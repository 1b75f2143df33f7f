import { z } from 'zod';

/** What a person may set, for all profiles. */
export const settings = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  density: z.enum(['comfortable', 'compact']),
  /** Single-letter keys in lists. */
  letterKeys: z.boolean(),
  /** Notes about facts stated in chat. */
  proposeFromChat: z.boolean(),
  /** Ask the base model for proposals too, under a grammar. */
  proposeWithModel: z.boolean(),
  /** Base for chat and the next training; null: the default. */
  baseModelId: z.string().nullable(),
  /** Device for trainings; null: the best that works. */
  device: z.string().nullable(),
  /** The first wizard step that is not finished; null once it was left or finished. */
  wizardStep: z.enum(['computer', 'model', 'facts', 'train', 'chat']).nullable(),
});
export type Settings = z.infer<typeof settings>;

/** What this computer has. */
export const machineReport = z.object({
  platform: z.string(),
  processor: z.string(),
  threads: z.number().int(),
  memoryBytes: z.number(),
  freeMemoryBytes: z.number(),
  freeDiskBytes: z.number().nullable(),
  dataFolder: z.string(),
  version: z.string(),
});
export type MachineReport = z.infer<typeof machineReport>;

/** A connection that left this computer. */
export const connection = z.object({
  at: z.number().int(),
  host: z.string(),
  purpose: z.string(),
});
export type Connection = z.infer<typeof connection>;
