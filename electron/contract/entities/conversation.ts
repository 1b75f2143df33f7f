import { z } from 'zod';
import { answeredBy, armName } from './evaluation.ts';

/** One line of a conversation as it is kept. */
export const chatMessage = z.object({
  id: z.string(),
  role: z.enum(['user', 'assistant']),
  /** Assistant lines say which arm answered: two for one question when base and tuned stand beside each other. */
  arm: armName.nullable(),
  text: z.string(),
  answeredBy: answeredBy.nullable(),
  adapterId: z.string().nullable(),
  /** What the answer rests on; null for user lines. */
  basis: z
    .object({
      /** learned: a fact in the weights that the answer states; prompt: one that rode; guess: personal, no fact fits; none: general. */
      from: z.enum(['learned', 'prompt', 'guess', 'not-told', 'none']),
      factIds: z.array(z.string()),
      /** Statements that stood in the prompt. */
      bridged: z.array(z.string()),
      /** Tokens of the prompt with every fact in it, less those of the prompt that was used. */
      tokensSaved: z.number().int(),
    })
    .nullable(),
  /** True when the reader stopped it. */
  stopped: z.boolean(),
  createdAt: z.number().int(),
});
export type ChatMessage = z.infer<typeof chatMessage>;

export const conversation = z.object({
  id: z.string(),
  title: z.string(),
  createdAt: z.number().int(),
  updatedAt: z.number().int(),
  messages: z.number().int(),
});
export type Conversation = z.infer<typeof conversation>;

/** A conversation in a list of results, with the passage that fits. */
export const foundConversation = conversation.extend({ excerpt: z.string().nullable() });
export type FoundConversation = z.infer<typeof foundConversation>;
