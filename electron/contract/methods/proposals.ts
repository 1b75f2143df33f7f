import { oc } from '@orpc/contract';
import { z } from 'zod';
import { fact, factDraft, ifOther } from '../entities/fact.ts';
import { proposal, proposalSource } from '../entities/proposal.ts';
import { nothing, page } from './parts.ts';

/** The Inbox: facts that were read somewhere and wait for their owner's word. */
export const proposals = {
  /** Reads text for facts that its writer states of themselves. Nothing is added to the facts. */
  extract: oc
    .input(
      z.object({
        text: z.string().max(1_000_000),
        source: proposalSource,
      }),
    )
    .output(
      z.object({
        /** New ones; what was rejected from the same source, or waits already, is not proposed again. */
        proposals: z.array(proposal),
        sentences: z.number().int(),
        /** Those that held no fact that could be read. */
        skipped: z.number().int(),
        /** The first of these, word for word, long ones cut. */
        unread: z.array(z.string()),
      }),
    ),
  /** "Remember this": one sentence, with itself as its quote; proposes nothing where no fact is found in it. */
  list: oc
    .input(z.object({ state: z.enum(['open', 'done']).default('open'), ...page }))
    .output(
      z.object({ proposals: z.array(proposal), total: z.number().int(), nextCursor: z.string().nullable() }),
    ),
  /** Makes it a fact. One without a quote is refused unless `draft` was edited; so is another value, unless told. */
  accept: oc
    .input(z.object({ id: z.string(), draft: factDraft.optional(), ifOther: ifOther.default('refuse') }))
    .output(z.object({ proposal, fact })),
  /** Changes the value of the fact it touches: `changed` dates the old one, `typo` replaces it. */
  merge: oc
    .input(z.object({ id: z.string(), value: z.string(), how: z.enum(['changed', 'typo']) }))
    .output(z.object({ proposal, fact })),
  reject: oc
    .input(z.object({ ids: z.array(z.string()).min(1).max(1000) }))
    .output(z.object({ rejected: z.array(z.string()) })),
  /** Takes back the last accept, merge or reject; 50 deep. */
  undo: oc.input(nothing).output(z.object({ proposals: z.array(proposal) })),
};
