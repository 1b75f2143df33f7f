import { z } from 'zod';
import { chatMessage, conversation } from './conversation.ts';
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

/**
 * A question of the chat window. With `conversationId` its history comes from there and the exchange is kept; `new`
 * begins one; null is a temporary chat, which is written nowhere and takes `history`.
 */
export const chatSendRequest = chatRequest.extend({
  conversationId: z.string().nullable().default(null),
  /** The user line that this one replaces, with all that came after it. */
  replaces: z.string().optional(),
  /** Base and tuned beside each other: the base answers after the served arm. */
  compare: z.boolean().default(false),
  /** Another version than the active one. */
  adapterId: z.string().optional(),
});
export type ChatSendRequest = z.input<typeof chatSendRequest>;

/** Pieces of an answer while it is made, then the whole; each says whose it is where two arms answer. */
export const chatEvent = z.discriminatedUnion('type', [
  /** Sent first by a kept chat: what was written down before the model began. */
  z.object({ type: z.literal('kept'), conversation, question: chatMessage }),
  z.object({ type: z.literal('text'), text: z.string(), arm: armName.optional() }),
  z.object({
    type: z.literal('done'),
    answer: chatAnswer,
    arm: armName.optional(),
    message: chatMessage.optional(),
    /** Messages at the beginning that no longer fit. */
    forgottenMessages: z.number().int().optional(),
    /** Facts that the question states about its writer; nothing was kept of them. */
    proposals: z.array(z.string()).optional(),
  }),
]);
export type ChatEvent = z.infer<typeof chatEvent>;

/** What an answer rests on, after asking again. */
export const chatExplanation = z.object({
  /** `unasked`: it rests on no fact that is there, so that there is nothing to hide and nothing was asked again. */
  verdict: z.enum(['checked', 'from-prompt', 'guess', 'general', 'unasked']),
  /** What was answered then; null where nothing was asked. */
  withoutFact: z.string().nullable(),
  withoutAdapter: z.string().nullable(),
  factIds: z.array(z.string()),
});
export type ChatExplanation = z.infer<typeof chatExplanation>;
