import { z } from 'zod';
import { message, sampleKind } from './training.ts';

/** A sample of a dataset or a question of the examination, as a reader sees it. */
export const lesson = z.object({
  id: z.string(),
  kind: z.enum([...sampleKind.options, 'test']),
  question: z.string(),
  answer: z.string(),
  /** Statements or advice that stand in its prompt. */
  messages: z.array(message),
  factIds: z.array(z.string()),
  /** The fact's statement, where the lesson belongs to one. */
  about: z.string().nullable(),
  family: z.string(),
  split: z.enum(['train', 'probe', 'test']),
  vetoed: z.boolean(),
});
export type Lesson = z.infer<typeof lesson>;
