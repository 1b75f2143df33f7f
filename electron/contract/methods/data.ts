import { oc } from '@orpc/contract';
import { z } from 'zod';
import { backup } from '../entities/backup.ts';
import { localServer } from '../entities/local-server.ts';
import { profile } from '../entities/profile.ts';
import { nothing } from './parts.ts';

/** What must be sent along with the deletion of everything, so that no stray call does it. */
export const deletionWords = 'delete everything';

const path = z.string().trim().min(1).max(4000);

/** Whole profiles as files. */
export const profileFiles = {
  /** Facts, history and versions in a new file; one that is there is never written over. It is not encrypted. */
  export: oc
    .input(z.object({ id: z.string(), output: path }))
    .output(z.object({ profile, file: z.string(), facts: z.number().int(), versions: z.number().int() })),
  /** Makes a new profile of such a file; nothing that is there is changed. */
  import: oc.input(z.object({ file: path, name: z.string().max(200).optional() })).output(
    z.object({
      profile,
      facts: z.number().int(),
      versions: z.number().int(),
      /** Base models that are not here yet. */
      missingBases: z.array(z.string()),
    }),
  ),
};

export const backups = {
  /** Copies of the profile's database, then those of the app's; newest first. */
  list: oc.input(nothing).output(z.object({ backups: z.array(backup) })),
  /** The app closes, puts the copy back and opens again. What is there is copied first. */
  restore: oc.input(z.object({ id: z.string() })).output(z.object({ backup })),
};

export const data = {
  /** The app closes, and all that was told goes, in every profile. Nothing of it can be brought back. */
  deleteAll: oc
    .input(z.object({ confirm: z.literal(deletionWords), models: z.boolean().default(false) }))
    .output(nothing),
};

export const localServerMethods = {
  get: oc.input(nothing).output(localServer),
  /** Only what is given changes. */
  set: oc
    .input(z.object({ on: z.boolean().optional(), port: z.number().int().min(1024).max(65_535).optional() }))
    .output(localServer),
  /** The old key is worthless from then on. */
  renewKey: oc.input(nothing).output(localServer),
};
