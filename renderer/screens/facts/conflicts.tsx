import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { FactWithState } from '../../../electron/contract/entities/ledger.ts';
import { Button } from '../../components/button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { FactChip } from '../../components/fact-chip.tsx';
import { Loading } from '../../components/loading.tsx';
import { Screen } from '../../shell/screen.tsx';
import { announce } from '../../state/store.ts';
import { useAct, useApp, useAppStore, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { flagsOf } from './fact-rules.ts';

type Conflict = { readonly left: FactWithState; readonly right: FactWithState };
const choices = ['left', 'right', 'times', 'both'] as const;
type Choice = (typeof choices)[number];

/** Values that contradict each other, one card for each pair. */
export function ConflictsScreen() {
  const client = useClient();
  const act = useAct();
  const store = useAppStore();
  const [, navigate] = useLocation();
  const { data, error, isLoading, reload } = useQuery(client.facts.conflicts, {}, ['facts']);
  const [focused, setFocused] = useState(0);
  const conflicts = data?.conflicts ?? [];

  async function settle({ left, right }: Conflict, choice: Choice, index: number): Promise<void> {
    const result = await act(
      () => {
        switch (choice) {
          case 'left':
            return client.facts.settle({ keep: left.id, other: right.id, how: 'one-right' });
          case 'right':
            return client.facts.settle({ keep: right.id, other: left.id, how: 'one-right' });
          case 'times': {
            const [now, then] = laterFirst(left, right);
            return client.facts.settle({ keep: now.id, other: then.id, how: 'different-times' });
          }
          case 'both':
            return client.facts.settle({ keep: left.id, other: right.id, how: 'both-true' });
        }
      },
      { said: settledWords({ left, right }, choice), undo: () => client.facts.undo({}) },
    );
    if (result === undefined) return;
    setFocused(Math.max(0, Math.min(index, conflicts.length - 2)));
    announce(store, text.facts.conflictsLeft(conflicts.length - 1));
  }

  return (
    <Screen
      title={text.facts.conflictsTitle}
      secondary={<Button onPress={() => navigate('/facts')}>{text.facts.backToFacts}</Button>}
    >
      {error !== null && <ErrorNote error={error} onRetry={reload} />}
      {data === undefined && isLoading && <Loading what={text.facts.conflictsTitle.toLowerCase()} />}
      {data !== undefined && conflicts.length === 0 && (
        <EmptyState title={text.facts.conflictsEmpty}>
          <p>{text.facts.conflictsEmptyWords}</p>
        </EmptyState>
      )}
      {conflicts.length > 0 && <p className="muted">{text.facts.conflictKeys}</p>}
      <ul className="stack conflicts">
        {conflicts.map((conflict, index) => (
          <ConflictCard
            key={`${conflict.left.id} ${conflict.right.id}`}
            conflict={conflict}
            wantsFocus={index === focused}
            onSettle={(choice) => void settle(conflict, choice, index)}
          />
        ))}
      </ul>
    </Screen>
  );
}

type ConflictCardProps = {
  readonly conflict: Conflict;
  readonly wantsFocus: boolean;
  readonly onSettle: (choice: Choice) => void;
};

function ConflictCard({ conflict: { left, right }, wantsFocus, onSettle }: ConflictCardProps) {
  const card = useRef<HTMLLIElement>(null);
  const areLettersOn = useApp((state) => state.settings?.letterKeys ?? true);
  const question = text.facts.conflictQuestion(left.value, right.value);
  useEffect(() => {
    if (wantsFocus) card.current?.focus();
  }, [wantsFocus]);
  const { facts } = text;
  const words: Readonly<Record<Choice, string>> = {
    left: facts.conflictLeft,
    right: facts.conflictRight,
    times: facts.conflictTimes,
    both: facts.conflictBoth,
  };

  return (
    <li
      className="card conflict-card"
      ref={card}
      // A card is a stop of its own, so that 1 to 4 act on the one that is meant.
      tabIndex={0}
      aria-label={question}
      onKeyDown={(event) => {
        const choice = choices[Number(event.key) - 1];
        if (choice === undefined || !areLettersOn || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        onSettle(choice);
      }}
    >
      <h2>{question}</h2>
      <div className="conflict-sides">
        <ConflictSide fact={left} />
        <ConflictSide fact={right} />
      </div>
      <div className="line">
        {choices.map((choice, index) => (
          <Button key={choice} icon={<kbd aria-hidden>{index + 1}</kbd>} onPress={() => onSettle(choice)}>
            {words[choice]}
          </Button>
        ))}
      </div>
    </li>
  );
}

function ConflictSide({ fact }: { readonly fact: FactWithState }) {
  const span = text.facts.historySpan(fact.validFrom, fact.validTo);
  const { source } = fact;
  return (
    <div className="conflict-side">
      <p className="strong">{fact.statement}</p>
      <FactChip state={fact.state} flags={flagsOf(fact)} />
      <p className="meta">
        {source.type === 'imported'
          ? text.facts.sources.imported(source.file, source.line)
          : text.facts.addedOn(fact.createdAt)}
        {span !== '' && `, ${span}`}
      </p>
    </div>
  );
}

/** The one that is true now: that with the later beginning, else the one that was told later. */
function laterFirst(left: FactWithState, right: FactWithState): readonly [FactWithState, FactWithState] {
  const [a, b] = [left.validFrom ?? '', right.validFrom ?? ''];
  const isLeftLater = a === b ? left.createdAt > right.createdAt : a > b;
  return isLeftLater ? [left, right] : [right, left];
}

function settledWords({ left, right }: Conflict, choice: Choice): string {
  switch (choice) {
    case 'left':
      return text.facts.conflictSettled(left.value);
    case 'right':
      return text.facts.conflictSettled(right.value);
    case 'times': {
      const [now, then] = laterFirst(left, right);
      return text.facts.conflictSettledTimes(now.value, then.value);
    }
    case 'both':
      return text.facts.conflictSettledBoth;
  }
}
