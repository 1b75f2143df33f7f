/** Everything the app announces, on one page. A reader that missed some asks again for what it shows. */
import { z } from 'zod';
import { job } from './entities/job.ts';
import { probePoint, stepPoint } from './entities/run-detail.ts';

/** What may have changed. */
export const topic = z.enum([
  'facts',
  'proposals',
  'adapters',
  'runs',
  'evaluations',
  'datasets',
  'models',
  'conversations',
  'profiles',
  'settings',
]);
export type Topic = z.infer<typeof topic>;

export const appEvent = z.discriminatedUnion('type', [
  /** The first of every stream: from here on nothing is missed. */
  z.object({ type: z.literal('hello') }),
  z.object({ type: z.literal('changed'), topics: z.array(topic) }),
  z.object({ type: z.literal('job'), job }),
  z.object({
    type: z.literal('training'),
    runId: z.string(),
    /** Only steps and probes that came since the last event of the run. */
    points: z.array(stepPoint),
    probes: z.array(probePoint),
    /** What the worker last said it does. */
    phase: z.string(),
    /** Of the whole run; null before the first one. */
    steps: z.number().int().nullable(),
    secondsLeft: z.number().nullable(),
    lastSignAt: z.number().int(),
  }),
]);
export type AppEvent = z.infer<typeof appEvent>;
