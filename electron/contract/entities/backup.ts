import { z } from 'zod';

/** A copy of a database that can be put back. */
export const backup = z.object({
  id: z.string(),
  /** That of the profile (facts, ledger, runs) or of the app (models, profiles, settings). */
  database: z.enum(['app', 'profile']),
  /** Made before a migration, at the first write of a day, or before another copy was put back. */
  reason: z.enum(['daily', 'migration', 'restore']),
  createdAt: z.number().int(),
  sizeBytes: z.number().int(),
});
export type Backup = z.infer<typeof backup>;
