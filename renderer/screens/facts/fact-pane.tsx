import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { FactDetail, FactWithState } from '../../../electron/contract/entities/ledger.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/checkbox.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { FactChip } from '../../components/fact-chip.tsx';
import { Loading } from '../../components/loading.tsx';
import { useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { FactDates } from './fact-dates.tsx';
import { FactTests } from './fact-tests.tsx';
import { FactValue } from './fact-value.tsx';
import { ForgetButton } from './forget-button.tsx';
import { flagsOf, isDerived } from './fact-rules.ts';
import { useFactActs } from './use-fact-acts.ts';

export type FactPaneProps = {
  readonly id: string;
  readonly wantsEdit: boolean;
  /** A changed value is a new version with an id of its own. */
  readonly onMoved: (id: string) => void;
  readonly onForgotten: () => void;
};

/** One fact with all that belongs to it. */
export function FactPane({ id, wantsEdit, onMoved, onForgotten }: FactPaneProps) {
  const client = useClient();
  const { data, error, isLoading, reload } = useQuery(
    client.facts.get,
    { id },
    ['facts', 'adapters', 'evaluations'],
    { keepsOld: false },
  );
  if (error?.code === 'not-found') {
    return (
      <div className="stack-small">
        <h2>{text.facts.goneTitle}</h2>
        <p>{text.facts.goneWords}</p>
      </div>
    );
  }
  if (data === undefined) {
    return error === null ? (
      <Loading what={isLoading ? text.facts.pane.toLowerCase() : ''} />
    ) : (
      <ErrorNote error={error} onRetry={reload} />
    );
  }
  return <KnownFact detail={data} wantsEdit={wantsEdit} onMoved={onMoved} onForgotten={onForgotten} />;
}

type KnownFactProps = Omit<FactPaneProps, 'id'> & { readonly detail: FactDetail };

function KnownFact({ detail, wantsEdit, onMoved, onForgotten }: KnownFactProps) {
  const acts = useFactActs();
  const { fact } = detail;
  const isReadOnly = isDerived(fact);
  const others = detail.versions.filter(({ id }) => id !== fact.id);

  return (
    <div className="stack fact-pane">
      <div className="stack-small">
        <h2>{fact.statement}</h2>
        <FactChip state={fact.state} flags={flagsOf(fact)} />
        <p className="meta">{text.common.stateMeanings[fact.state === 'waiting' ? 'pending' : fact.state]}</p>
      </div>
      {isReadOnly ? (
        <p className="fact-derived">{text.facts.derivedNote}</p>
      ) : (
        <>
          <FactValue fact={fact} wantsEdit={wantsEdit} onMoved={onMoved} />
          <FactDates key={`${fact.validFrom} ${fact.validTo}`} fact={fact} />
        </>
      )}
      <dl className="fact-data">
        <Datum name={text.facts.category}>{fact.category}</Datum>
        <Datum name={text.facts.tier}>
          {text.common.tiers[fact.tier]}
          <span className="meta fact-reason">{detail.tierReason}</span>
        </Datum>
        <Datum name={text.facts.source}>{sourceWords(fact)}</Datum>
        <Datum name={text.facts.tests}>
          <FactTests detail={detail} />
        </Datum>
      </dl>
      <FactLinks title={text.facts.parents} facts={detail.parents} />
      <FactLinks title={text.facts.children} facts={detail.children} />
      <FactLinks title={text.facts.history} facts={others} withSpan />
      {!isReadOnly && (
        <>
          <Checkbox
            isSelected={fact.neverTrain}
            onChange={(neverTrain) => void acts.setNeverTrain(fact, neverTrain)}
            note={text.facts.neverTrainNote}
          >
            {text.facts.neverTrain}
          </Checkbox>
          <div className="line">
            {fact.current && <Button onPress={() => void acts.end(fact)}>{text.facts.ended}</Button>}
            <ForgetButton fact={fact} versions={others.length} onForgotten={onForgotten} />
          </div>
        </>
      )}
      <a href={`#/lessons?fact=${fact.id}`}>{text.facts.lessons}</a>
    </div>
  );
}

function Datum({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

type FactLinksProps = {
  readonly title: string;
  readonly facts: readonly FactWithState[];
  readonly withSpan?: boolean;
};

/** Other facts, each with its state and the way to it. */
function FactLinks({ title, facts, withSpan = false }: FactLinksProps) {
  const [, navigate] = useLocation();
  if (facts.length === 0) return null;
  return (
    <section className="stack-small">
      <h3>{title}</h3>
      <ul className="fact-links">
        {facts.map((fact) => (
          <li key={fact.id}>
            <Button kind="quiet" onPress={() => navigate(`/facts/${fact.id}`)}>
              {fact.statement}
            </Button>
            <span className="line">
              <FactChip state={fact.state} flags={flagsOf(fact)} />
              {withSpan && (
                <span className="meta">{text.facts.historySpan(fact.validFrom, fact.validTo)}</span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function sourceWords({ source, createdAt }: FactWithState): string {
  const { sources } = text.facts;
  switch (source.type) {
    case 'typed':
      return sources.typed(createdAt);
    case 'imported':
      return sources.imported(source.file, source.line);
    case 'derived':
      return sources.derived;
  }
}
