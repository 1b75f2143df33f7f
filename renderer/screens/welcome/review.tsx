import { useEffect, useRef, useState } from 'react';
import type { Proposal } from '../../../electron/contract/entities/proposal.ts';
import { ErrorNote } from '../../components/error-note.tsx';
import { useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { ProposalPane, type PaneMode } from '../inbox/proposal-pane.tsx';
import { useProposalActs } from '../inbox/use-proposal-acts.ts';

const newest = { state: 'open', limit: 50 } as const;

/** Proposals with their own words, decided one by one without leaving the step. */
export function Review() {
  const client = useClient();
  const list = useRef<HTMLUListElement>(null);
  const { data, error, reload } = useQuery(client.proposals.list, newest, ['proposals', 'facts']);
  useEffect(() => {
    // What was pressed goes with its row.
    if (document.activeElement !== document.body || data === undefined) return;
    const left = list.current?.querySelector('button') ?? document.querySelector<HTMLElement>('h1');
    left?.focus();
  }, [data]);
  return (
    <>
      {error !== null && <ErrorNote error={error} onRetry={reload} />}
      <ul className="stack" ref={list} aria-label={text.inbox.list}>
        {data?.proposals.map((proposal) => (
          <Row key={proposal.id} proposal={proposal} />
        ))}
      </ul>
    </>
  );
}

function Row({ proposal }: { readonly proposal: Proposal }) {
  const acts = useProposalActs();
  const [mode, setMode] = useState<PaneMode>('read');
  const accept = () => (proposal.effect === 'conflicts' ? setMode('choose') : void acts.accept(proposal));
  return (
    <li className="card">
      <ProposalPane
        {...{ proposal, mode, isLoading: false, onMode: setMode, onAccept: accept }}
        onReject={() => void acts.reject([proposal])}
        onSettled={() => undefined}
      />
    </li>
  );
}
