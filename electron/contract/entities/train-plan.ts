import { z } from 'zod';
import { recipeName } from './training.ts';

/** Why a fact is taught: `again` in a rebuild, where nothing about it has changed. */
export const taughtWhy = z.enum(['new', 'changed', 'ended', 'dependent', 'weak', 'again']);
export type TaughtWhy = z.infer<typeof taughtWhy>;

export const taughtFact = z.object({ factId: z.string(), why: taughtWhy });
export type TaughtFact = z.infer<typeof taughtFact>;

/** Why a training starts from the base and not from the last adapter. */
export const rebuildReason = z.enum([
  'asked-for',
  'forgotten',
  'first',
  'no-active-adapter',
  'file-missing',
  'other-base',
  'other-settings',
  'other-seed',
  'unknown-history',
  'long-chain',
  'warm-start-failed',
  'withdrawn',
  'many-changes',
]);
export type RebuildReason = z.infer<typeof rebuildReason>;

/** Bytes that a training takes, and what is there. */
const room = z.object({ neededBytes: z.number(), freeBytes: z.number().nullable() });

/** What `train` would do now. Nothing is written or trained for it. */
export const trainPlan = z.object({
  mode: z.enum(['nothing', 'warm', 'rebuild']),
  reasons: z.array(z.object({ code: rebuildReason, text: z.string() })),
  base: z.object({ id: z.string(), name: z.string() }),
  recipe: recipeName,
  /** The adapter to start from (warm), or the one that knows all this already (nothing). */
  adapterId: z.string().nullable(),
  /** A stopped run that would be gone on with. */
  resumes: z
    .object({ runId: z.string(), step: z.number().nullable(), steps: z.number().nullable() })
    .nullable(),
  /** `current` is false of what was true once: it is taught as such. */
  facts: z.array(taughtFact.extend({ statement: z.string(), current: z.boolean() })),
  /** How many other facts are repeated, two forms each. */
  replayed: z.number().int(),
  samples: z.record(z.string(), z.number().int()),
  tokens: z.record(z.string(), z.number().int()),
  totalTokens: z.number().int(),
  /** estimate: of very many lessons a part was counted, and the rest taken to be like it. */
  lessonBasis: z.enum(['counted', 'estimate']),
  epochs: z.number().int(),
  steps: z.number().int(),
  time: z.object({
    /** Of the whole, judging included. */
    lowSeconds: z.number(),
    highSeconds: z.number(),
    /** Of them of judging, which follows the steps. */
    judgeSeconds: z.number(),
    basis: z.enum(['measured', 'estimate']),
    text: z.string(),
  }),
  device: z.string(),
  memory: room.extend({ basis: z.enum(['measured', 'estimate']) }),
  disk: room,
  /** coexist: the chat model stays loaded; exclusive: it is let go while the training runs. */
  sharing: z.enum(['coexist', 'exclusive']),
});
export type TrainPlan = z.infer<typeof trainPlan>;
