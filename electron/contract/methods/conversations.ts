import { oc } from '@orpc/contract';
import { z } from 'zod';
import { chatMessage, conversation, foundConversation } from '../entities/conversation.ts';
import { nothing, page } from './parts.ts';

/** Kept conversations. A temporary chat is none of them: it is never written anywhere. */
export const conversations = {
  /** Newest first; `search` looks at titles and texts. */
  list: oc.input(z.object({ search: z.string().max(2000).optional(), ...page })).output(
    z.object({
      conversations: z.array(foundConversation),
      total: z.number().int(),
      nextCursor: z.string().nullable(),
    }),
  ),
  get: oc
    .input(z.object({ id: z.string() }))
    .output(z.object({ conversation, messages: z.array(chatMessage) })),
  rename: oc
    .input(z.object({ id: z.string(), title: z.string().max(200) }))
    .output(z.object({ conversation })),
  /** Gone for good, its texts overwritten. */
  remove: oc.input(z.object({ id: z.string() })).output(z.object({ removed: z.string() })),
  removeAll: oc.input(nothing).output(z.object({ removed: z.number().int() })),
};
