import { z } from 'zod';
import { answeredBy, armName } from './evaluation.ts';
import { message } from './training.ts';

/** One question with what was said before it, oldest first. */
export const chatRequest = z.object({
  question: z.string(),
  arm: armName.default('served'),
  history: z.array(message).default([]),
  /** Absent: greedy. */
  sampling: z.object({ temperature: z.number().positive().max(2), seed: z.number().int() }).optional(),
});
export type ChatRequest = z.input<typeof chatRequest>;

/** An answer, who gave it, and the statements that stood in the prompt. */
export const chatAnswer = z.object({
  answer: z.string(),
  answeredBy,
  adapterId: z.string().nullable(),
  bridged: z.array(z.string()),
});
export type ChatAnswer = z.infer<typeof chatAnswer>;

/** Pieces of an answer while it is made, then the whole. */
export const chatEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('done'), answer: chatAnswer }),
]);
export type ChatEvent = z.infer<typeof chatEvent>;
