import { useEffect, useRef } from 'react';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { effectWords, needsEdit } from '../inbox/proposal-rules.ts';
import { useProposalActs } from '../inbox/use-proposal-acts.ts';

const newest = { state: 'open', limit: 50 } as const;

/** Proposals with their own words, decided one by one without leaving the step. */
export function Review() {
  const client = useClient();
  const acts = useProposalActs();
  const list = useRef<HTMLUListElement>(null);
  const { data, error, reload } = useQuery(client.proposals.list, newest, ['proposals', 'facts']);
  useEffect(() => {
    // What was pressed goes with its row.
    if (document.activeElement !== document.body || data === undefined) return;
    const left = list.current?.querySelector('button') ?? document.querySelector<HTMLElement>('h1');
    left?.focus();
  }, [data]);
  const { inbox } = text;
  return (
    <>
      {error !== null && <ErrorNote error={error} onRetry={reload} />}
      <ul className="model-lines" ref={list} aria-label={inbox.list}>
        {data?.proposals.map((proposal) => (
          <li key={proposal.id}>
            <div className="model-words">
              <span>{proposal.statement}</span>
              <span className="meta">
                {proposal.quote === null ? inbox.noQuote : `"${proposal.quote}"`}
                {proposal.effect !== 'new' && ` (${effectWords(proposal)})`}
              </span>
            </div>
            <span className="line">
              {!needsEdit(proposal) && (
                <Button onPress={() => void acts.accept(proposal)}>{inbox.accept}</Button>
              )}
              <Button onPress={() => void acts.reject([proposal])}>{inbox.reject}</Button>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
