import { useMemo } from 'react';
import { toAppError } from '../../../electron/contract/errors.ts';
import type { FactDraft, IfOther } from '../../../electron/contract/entities/fact.ts';
import type { Proposal } from '../../../electron/contract/entities/proposal.ts';
import { useAct, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { needsEdit } from './proposal-rules.ts';

/** What a reader does to proposals; each can be taken back. */
export function useProposalActs() {
  const client = useClient();
  const act = useAct();
  return useMemo(() => {
    const undo = () => client.proposals.undo({});
    return {
      accept: (proposal: Proposal, draft?: FactDraft, ifOther?: IfOther) =>
        act(
          () =>
            client.proposals.accept({
              id: proposal.id,
              ...(draft !== undefined && { draft }),
              ...(ifOther !== undefined && { ifOther }),
            }),
          { said: ({ fact }) => text.inbox.accepted(fact.statement), undo },
        ),
      /** What an edited draft would do. */
      preview: (draft: FactDraft) => act(() => client.facts.preview(draft)),
      merge: (proposal: Proposal, value: string, how: 'changed' | 'typo') =>
        act(() => client.proposals.merge({ id: proposal.id, value, how }), {
          said: ({ fact }) => text.inbox.merged(fact.statement),
          undo,
        }),
      reject: (proposals: readonly Proposal[]) =>
        act(() => client.proposals.reject({ ids: proposals.map(({ id }) => id) }), {
          said: ({ rejected }) => text.inbox.rejected(rejected.length),
          undo,
        }),
      /** One by one, so that each keeps its own way back; those that ask for a word of their own stay. */
      acceptMany: (proposals: readonly Proposal[]) => {
        return act(
          async () => {
            const accepted: Proposal[] = [];
            for (const proposal of proposals.filter((each) => !needsEdit(each))) {
              try {
                await client.proposals.accept({ id: proposal.id });
                accepted.push(proposal);
              } catch (error) {
                // It contradicts what is known, perhaps since the one before it was accepted.
                if (toAppError(error).code !== 'conflict') throw error;
              }
            }
            return { accepted };
          },
          {
            said: ({ accepted }) =>
              text.inbox.acceptedMany(accepted.length, proposals.length - accepted.length),
            undo: async ({ accepted }) => {
              let left = accepted.length;
              while (left-- > 0) await client.proposals.undo({});
            },
          },
        );
      },
    };
  }, [client, act]);
}

export type ProposalActs = ReturnType<typeof useProposalActs>;
