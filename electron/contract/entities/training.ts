import { z } from 'zod';
import { verdict } from './evaluation.ts';

/** standalone: for programs that know no routing; quick: a two-minute taste that proves nothing. */
export const recipeName = z.enum(['routed', 'standalone', 'paper', 'low-memory', 'quick']);
export type RecipeName = z.infer<typeof recipeName>;

/** routed: hands over to the base what is not about its owner; standalone: answers everything itself. */
export const objective = z.enum(['routed', 'standalone']);
export type Objective = z.infer<typeof objective>;

/** general: a general prompt with the base's own answer, held to the base's distribution (standalone only). */
export const sampleKind = z.enum(['fact', 'unknown', 'pass', 'bridge', 'general']);
export type SampleKind = z.infer<typeof sampleKind>;

/** Numbers by kind of sample; rows from before general samples have none. */
export const sampleCounts = z.object({
  fact: z.number().int(),
  unknown: z.number().int(),
  pass: z.number().int(),
  bridge: z.number().int(),
  general: z.number().int().default(0),
});
export type SampleCounts = z.infer<typeof sampleCounts>;

export const message = z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() });
export type Message = z.infer<typeof message>;

/** One training example: messages up to the assistant's turn, the answer, and where it came from. */
export const sample = z.object({
  kind: sampleKind,
  messages: z.array(message),
  answer: z.string(),
  factIds: z.array(z.string()),
  family: z.string(),
  split: z.enum(['train', 'probe', 'test']),
  /** Epochs (from 0) in which the sample takes part; absent = all. */
  epochs: z.array(z.number().int()).optional(),
});
export type Sample = z.infer<typeof sample>;

export const dataset = z.object({
  id: z.string(),
  /** SHA-256 of the canonical JSON Lines. */
  sha256: z.string(),
  recipe: recipeName,
  baseModelId: z.string(),
  seed: z.number().int(),
  counts: sampleCounts,
  factIds: z.array(z.string()),
  createdAt: z.number().int(),
});
export type Dataset = z.infer<typeof dataset>;

export const runState = z.enum([
  'queued',
  'running',
  'paused',
  'cancelled',
  'failed',
  'interrupted',
  'succeeded',
]);

export const trainMode = z.enum(['rebuild', 'warm', 'repair']);
export type TrainMode = z.infer<typeof trainMode>;

export const trainingRun = z.object({
  id: z.string(),
  datasetId: z.string(),
  baseModelId: z.string(),
  recipe: recipeName,
  seed: z.number().int(),
  state: runState,
  folder: z.string(),
  adapterId: z.string().nullable(),
  seconds: z.number().nullable(),
  tokens: z.number().int().nullable(),
  loss: z.number().nullable(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).nullable(),
  createdAt: z.number().int(),
  /** rebuild: from the base; warm: from an adapter; repair: a short round for facts that were not learnt. */
  mode: trainMode.default('rebuild'),
  parentAdapterId: z.string().nullable().default(null),
  /** Hash of every hyper-parameter; null for runs of earlier versions. */
  settings: z.string().nullable().default(null),
  device: z.string().nullable().default(null),
  /** Measured in the steps alone. */
  tokensPerSecond: z.number().nullable().default(null),
  peakMemoryBytes: z.number().nullable().default(null),
  /** How far it came, and how far it goes. */
  step: z.number().int().nullable().default(null),
  steps: z.number().int().nullable().default(null),
});
export type TrainingRun = z.infer<typeof trainingRun>;

/** What a press on "train" gave. */
export const trainReport = z.object({
  runId: z.string(),
  adapterId: z.string(),
  verdict,
  seconds: z.number().nullable(),
  tokens: z.number().int().nullable(),
  loss: z.number().nullable(),
  /** False when facts, base and recipe are those of the last judged adapter. */
  changed: z.boolean(),
  resumed: z.boolean(),
  /** nothing: what came of an earlier training is told again. */
  mode: z.enum(['nothing', 'warm', 'rebuild']).default('rebuild'),
  parentAdapterId: z.string().nullable().default(null),
  /** Short rounds for facts that were not learnt; `kept` says whether what came of one is used. */
  repairs: z
    .array(z.object({ facts: z.number().int(), kept: z.boolean(), seconds: z.number().nullable() }))
    .default([]),
  /** Trained tokens by kind of sample over all epochs, padding not counted; null when nothing was trained. */
  tokensByKind: sampleCounts.nullable(),
});
export type TrainReport = z.infer<typeof trainReport>;
