import { z } from 'zod';
import { factDraft } from './fact.ts';

/** Where a proposed fact was read. */
export const proposalSource = z.object({
  type: z.enum(['text', 'file', 'chat']),
  /** File name or title of the conversation. */
  name: z.string(),
  conversationId: z.string().optional(),
});
export type ProposalSource = z.infer<typeof proposalSource>;

/** What a draft would do to the facts that are there. */
export const draftEffect = z.object({
  /** How the fact would read. */
  statement: z.string(),
  effect: z.enum(['new', 'same', 'changes', 'conflicts']),
  /** The fact that it would change or contradict, or that it repeats. */
  touches: z.object({ factId: z.string(), statement: z.string() }).nullable(),
});
export type DraftEffect = z.infer<typeof draftEffect>;

/** A fact that waits for its owner's word. Nothing of it is used before. */
export const proposal = draftEffect.extend({
  id: z.string(),
  draft: factDraft,
  /** The sentence as it was written, word for word; null where nobody wrote it: such a one must be edited first. */
  quote: z.string().nullable(),
  source: proposalSource,
  /** rules: by the attribute bank; model: proposed by the base under a grammar. */
  foundBy: z.enum(['rules', 'model']),
  state: z.enum(['open', 'accepted', 'rejected', 'merged']),
  createdAt: z.number().int(),
});
export type Proposal = z.infer<typeof proposal>;
