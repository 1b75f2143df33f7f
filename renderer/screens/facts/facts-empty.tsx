import { useLocation } from 'wouter';
import { Button } from '../../components/button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { FactChip } from '../../components/fact-chip.tsx';
import { text } from '../../text/en.ts';

/** What facts are, three of them, and how to begin. */
export function FactsEmpty({ onAdd }: { readonly onAdd: () => void }) {
  const [, navigate] = useLocation();
  return (
    <EmptyState
      title={text.facts.emptyTitle}
      example={
        <ul className="example-facts" aria-label={text.common.more}>
          {text.facts.examples.map(([statement, tier]) => (
            <li key={statement}>
              <span className="row-main">{statement}</span>
              <span className="row-side">{tier}</span>
              <FactChip state="pending" />
            </li>
          ))}
        </ul>
      }
      action={
        <>
          <Button onPress={() => navigate('/welcome/facts')}>{text.facts.interview}</Button>
          <Button onPress={onAdd}>{text.facts.addFirst}</Button>
          <Button onPress={() => navigate('/inbox?import=open')}>{text.facts.fromText}</Button>
        </>
      }
    >
      <p>{text.facts.emptyWords}</p>
    </EmptyState>
  );
}
