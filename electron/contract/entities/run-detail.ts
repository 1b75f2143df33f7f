import { z } from 'zod';
import { trainingRun } from './training.ts';

/** One step of a run. */
export const stepPoint = z.object({
  step: z.number().int(),
  loss: z.number(),
  tokensPerSecond: z.number(),
});
export type StepPoint = z.infer<typeof stepPoint>;

/** Held-out probes asked in the middle of a run. */
export const probePoint = z.object({
  step: z.number().int(),
  right: z.number().int(),
  asked: z.number().int(),
});
export type ProbePoint = z.infer<typeof probePoint>;

/** One hyper-parameter as it was used, with why it is so. */
export const runSetting = z.object({
  key: z.string(),
  label: z.string(),
  value: z.string(),
  why: z.string(),
});
export type RunSetting = z.infer<typeof runSetting>;

/** A run with its curves, kept when the run has ended. */
export const runDetail = z.object({
  run: trainingRun.extend({ version: z.number().int().nullable() }),
  jobId: z.string().nullable(),
  phase: z.enum(['waiting', 'load', 'prepare', 'learn', 'save', 'test', 'ended']),
  points: z.array(stepPoint),
  probes: z.array(probePoint),
  secondsLeft: z.number().nullable(),
  /** When the worker last said anything; null while none runs. */
  lastSignAt: z.number().int().nullable(),
  settings: z.array(runSetting),
  /** Probes that were answered wrong at the last probe, by fact. */
  failing: z.array(
    z.object({ factId: z.string(), statement: z.string(), right: z.number().int(), asked: z.number().int() }),
  ),
  result: z
    .object({
      approved: z.boolean(),
      reasons: z.array(z.string()),
      right: z.number().int(),
      asked: z.number().int(),
    })
    .nullable(),
});
export type RunDetail = z.infer<typeof runDetail>;

/** Two runs side by side. */
export const runComparison = z.object({
  a: trainingRun,
  b: trainingRun,
  /** Settings that differ. */
  settings: z.array(z.object({ key: z.string(), label: z.string(), a: z.string(), b: z.string() })),
  rightA: z.object({ right: z.number().int(), asked: z.number().int() }).nullable(),
  rightB: z.object({ right: z.number().int(), asked: z.number().int() }).nullable(),
  better: z.array(z.object({ factId: z.string(), statement: z.string(), a: z.string(), b: z.string() })),
  worse: z.array(z.object({ factId: z.string(), statement: z.string(), a: z.string(), b: z.string() })),
  /** True when the difference of the shares lies within chance (two-sided exact McNemar test, p > .05). */
  couldBeChance: z.boolean(),
});
export type RunComparison = z.infer<typeof runComparison>;
