import { useMemo } from 'react';
import type { FactDraft } from '../../../electron/contract/entities/fact.ts';
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
      accept: (proposal: Proposal, draft?: FactDraft) =>
        act(() => client.proposals.accept({ id: proposal.id, ...(draft !== undefined && { draft }) }), {
          said: ({ fact }) => text.inbox.accepted(fact.statement),
          undo,
        }),
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
      /** One by one, so that each keeps its own way back; those without a quote stay. */
      acceptMany: (proposals: readonly Proposal[]) => {
        const ready = proposals.filter((proposal) => !needsEdit(proposal));
        return act(
          async () => {
            let accepted = 0;
            for (const { id } of ready) {
              await client.proposals.accept({ id });
              accepted += 1;
            }
            return { accepted };
          },
          {
            said: ({ accepted }) => text.inbox.acceptedMany(accepted, proposals.length - ready.length),
            undo: async () => {
              let left = ready.length;
              while (left-- > 0) await client.proposals.undo({});
            },
          },
        );
      },
    };
  }, [client, act]);
}

export type ProposalActs = ReturnType<typeof useProposalActs>;
