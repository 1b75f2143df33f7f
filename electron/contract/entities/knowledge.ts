import { z } from 'zod';
import { recipeName } from './training.ts';

/**
 * Which sentence the standing status says.
 *
 * no-model: chat needs a base first; empty: no facts; running and testing: a training; the rest as their names.
 */
export const knowledgeState = z.enum([
  'no-model',
  'empty',
  'clean',
  'edited',
  'first',
  'deleted',
  'prompt-full',
  'running',
  'testing',
  'interrupted',
  'rejected',
  'failed',
]);
export type KnowledgeState = z.infer<typeof knowledgeState>;

const error = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() });

/** What the model knows and what the next training would teach: the standing status of every screen. */
export const knowledgeSummary = z.object({
  state: knowledgeState,
  /** Facts in force, derived ones included; `retired` is beside them. */
  facts: z.object({
    total: z.number().int(),
    learned: z.number().int(),
    pending: z.number().int(),
    weak: z.number().int(),
    inPrompt: z.number().int(),
    waiting: z.number().int(),
    retired: z.number().int(),
    conflicts: z.number().int(),
  }),
  /** Facts that the next training would teach: pending, waiting and weak, never what must not be trained. */
  toTeach: z.number().int(),
  /** Estimated tokens that bridged facts take in each prompt. */
  promptTokens: z.number().int(),
  /** When the active adapter was tested. */
  testedAt: z.number().int().nullable(),
  /** Of the next training, judging included; null where nothing is to be taught or no base is there. */
  time: z
    .object({
      lowSeconds: z.number(),
      highSeconds: z.number(),
      basis: z.enum(['measured', 'estimate']),
      /** Finished trainings on this base that the time rests on. */
      runs: z.number().int(),
    })
    .nullable(),
  /** True when the next training starts from the base. */
  isRebuild: z.boolean(),
  activeVersion: z.number().int().nullable(),
  /** The training that runs, is paused or was interrupted. */
  job: z
    .object({
      jobId: z.string(),
      runId: z.string().nullable(),
      step: z.number().int().nullable(),
      steps: z.number().int().nullable(),
      /** Test or probe questions, the last ones asked. */
      right: z.number().int().nullable(),
      asked: z.number().int().nullable(),
      secondsLeft: z.number().nullable(),
      isPaused: z.boolean(),
    })
    .nullable(),
  /** Facts forgotten since the last training. */
  deleted: z.number().int(),
  /** The newest version, when it did not pass and nothing was trained since. */
  rejected: z
    .object({
      adapterId: z.string(),
      version: z.number().int(),
      reason: z.string(),
      /** Null where its run is gone. A quick one was never meant to pass. */
      recipe: recipeName.nullable(),
    })
    .nullable(),
  failed: z.object({ jobId: z.string(), error }).nullable(),
  /** Facts edited since the running training began. */
  editedDuringRun: z.number().int(),
  proposals: z.number().int(),
  /** Whether chat goes on beside a training. */
  sharing: z.enum(['coexist', 'exclusive']),
});
export type KnowledgeSummary = z.infer<typeof knowledgeSummary>;
