import { z } from 'zod';
import { againstBase, armName, failureKind, rate, verdict } from './evaluation.ts';
import { tier } from './fact.ts';

export const reportFailure = z.object({
  questionId: z.string(),
  question: z.string(),
  expected: z.array(z.string()),
  answered: z.string(),
  kind: failureKind,
  group: z.string(),
  factId: z.string().nullable(),
  tier: tier.nullable(),
  category: z.string().nullable(),
});
export type ReportFailure = z.infer<typeof reportFailure>;

/** The examination of one version, ready to be drawn. */
export const evaluationReport = z.object({
  adapterId: z.string().nullable(),
  version: z.number().int().nullable(),
  verdict: verdict.nullable(),
  createdAt: z.number().int(),
  /** Recall on unseen wordings by arm; arms that were not asked are missing. */
  arms: z.array(z.object({ arm: armName, recall: rate, createdAt: z.number().int() })),
  /** Share of right answers by category and tier, of the tuned arm. */
  cells: z.array(z.object({ category: z.string(), tier, rate })),
  abstention: rate.nullable(),
  general: z.object({ tuned: rate, base: rate.nullable(), couldBeChance: z.boolean() }).nullable(),
  handedOver: rate.nullable(),
  againstBase: againstBase.nullable(),
  failures: z.array(reportFailure),
});
export type EvaluationReport = z.infer<typeof evaluationReport>;
