import { z } from 'zod';

export const questionKind = z.enum(['recall', 'abstain', 'general']);

/** One question line of a question file. `expected` is any-of, `forbidden` none-of. */
export const question = z.object({
  id: z.string(),
  question: z.string(),
  expected: z.array(z.string()).default([]),
  forbidden: z.array(z.string()).default([]),
  kind: questionKind,
  group: z.string().default('custom'),
  /** The fact that is asked for, where there is one. */
  factId: z.string().optional(),
  /** Statements that ride in the prompt with this question (bridge questions only). */
  bridge: z.array(z.string()).optional(),
});
export type Question = z.infer<typeof question>;

/**
 * base: the base alone; prompt: with all facts in the prompt; tuned: the adapter as it serves; both: tuned with all facts
 * in the prompt; served: tuned with the bridge; standalone: the adapter answers everything, nothing is handed over.
 */
export const armName = z.enum(['base', 'prompt', 'tuned', 'both', 'served', 'standalone']);
export type ArmName = z.infer<typeof armName>;

export const answeredBy = z.enum(['adapter', 'base']);
export type AnsweredBy = z.infer<typeof answeredBy>;

/** Why an answer counts as wrong. */
export const failureKind = z.enum(['wrong', 'invented', 'mixed-up', 'stale', 'did-not-say']);
export type FailureKind = z.infer<typeof failureKind>;

export const answer = z.object({
  id: z.string(),
  question: z.string(),
  answer: z.string(),
  right: z.boolean(),
  answeredBy,
  stopped: z.boolean(),
  kind: questionKind,
  group: z.string(),
  factId: z.string().optional(),
  /** Of a wrong one, since examinations keep them. */
  expected: z.array(z.string()).optional(),
  failure: failureKind.optional(),
});
export type Answer = z.infer<typeof answer>;

/** A proportion with its 95 % Wilson score interval. */
export const rate = z.object({
  right: z.number().int(),
  n: z.number().int(),
  rate: z.number().nullable(),
  low: z.number(),
  high: z.number(),
});
export type Rate = z.infer<typeof rate>;

/** An adapter's language on shipped prose beside the base's: perplexities, their ratio, mean KL(base || tuned) in nats. */
export const perplexity = z.object({
  tokens: z.number().int(),
  base: z.number(),
  tuned: z.number(),
  ratio: z.number(),
  divergence: z.number(),
});
export type Perplexity = z.infer<typeof perplexity>;

/** The same general questions asked of the adapter and of the base, and their language on the same prose. */
export const againstBase = z.object({
  ability: z.object({ tuned: rate, base: rate }),
  perplexity,
});
export type AgainstBase = z.infer<typeof againstBase>;

export const armResult = z.object({
  arm: armName,
  adapterId: z.string().nullable(),
  answers: z.array(answer),
  kinds: z.record(z.string(), rate),
  groups: z.record(z.string(), rate),
  /** handedOver: general answered by the base; wronglyKept: general kept; wronglyHandedOver: personal handed over. */
  routing: z.object({ handedOver: rate, wronglyKept: rate, wronglyHandedOver: rate }),
  /** What a standalone adapter keeps of the base. */
  againstBase: againstBase.optional(),
});
export type ArmResult = z.infer<typeof armResult>;

export const verdict = z.object({ approved: z.boolean(), reasons: z.array(z.string()) });
export type Verdict = z.infer<typeof verdict>;
