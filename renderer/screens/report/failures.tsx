import { useState } from 'react';
import type { FailureKind } from '../../../electron/contract/entities/evaluation.ts';
import type { ReportFailure } from '../../../electron/contract/entities/report.ts';
import { useQueryFields } from '../../client/hash-location.ts';
import { Button } from '../../components/button.tsx';
import { FilterMenu } from '../../components/filter-menu.tsx';
import { text } from '../../text/en.ts';
import { number } from '../../text/format.ts';

export type FailuresProps = { readonly failures: readonly ReportFailure[] };

const kinds: readonly FailureKind[] = ['wrong', 'mixed-up', 'stale', 'invented', 'did-not-say'];
const pageLength = 100;

/** Questions that were answered wrong, filtered by a cell of the heat table and by kind. */
export function Failures({ failures }: FailuresProps) {
  const [fields, setFields] = useQueryFields();
  const [limit, setLimit] = useState(pageLength);
  const words = text.report;
  const [category, tier] = [fields.get('category'), fields.get('tier')];
  const chosenKinds = (fields.get('kind') ?? '').split(',').filter((kind) => kind !== '');
  const inCell = failures.filter(
    (failure) =>
      (category === null || failure.category === category) && (tier === null || failure.tier === tier),
  );
  const shown = inCell.filter(({ kind }) => chosenKinds.length === 0 || chosenKinds.includes(kind));
  const tierWord =
    tier === null ? '' : ((text.common.tiers as Readonly<Record<string, string>>)[tier] ?? tier);
  return (
    <section className="stack-small">
      <div className="line">
        <h2 aria-live="polite">{words.failuresOf(shown.length)}</h2>
        {failures.length > 0 && (
          <FilterMenu
            label={words.kind}
            chosen={chosenKinds}
            options={kinds
              .map((kind) => ({ kind, found: inCell.filter((failure) => failure.kind === kind).length }))
              .filter(({ kind, found }) => found > 0 || chosenKinds.includes(kind))
              .map(({ kind, found }) => ({ value: kind, label: words.kinds[kind], count: number(found) }))}
            onChange={(chosen) => setFields({ kind: chosen.join(',') })}
          />
        )}
        {category !== null && (
          <>
            <span className="muted">{words.filtered(category, tierWord)}</span>
            <Button kind="quiet" onPress={() => setFields({ category: null, tier: null })}>
              {words.clearFilter}
            </Button>
          </>
        )}
      </div>
      {shown.length === 0 ? (
        <p className="muted">{failures.length === 0 ? words.noFailures : words.noneFit}</p>
      ) : (
        <div className="failures-scroll" tabIndex={0} role="region" aria-label={words.failures}>
          <table className="data-table">
            <thead>
              <tr>
                <th>{words.columns.question}</th>
                <th>{words.columns.expected}</th>
                <th>{words.columns.answered}</th>
                <th>{words.columns.kind}</th>
              </tr>
            </thead>
            <tbody>
              {shown.slice(0, limit).map((failure) => (
                <tr key={failure.questionId}>
                  <td>
                    {failure.factId === null ? (
                      failure.question
                    ) : (
                      <a href={`#/facts/${failure.factId}`}>{failure.question}</a>
                    )}
                  </td>
                  <td>{failure.expected.join(' / ')}</td>
                  <td>
                    {failure.answered === '' ? (
                      <span className="muted">{words.emptyAnswer}</span>
                    ) : (
                      failure.answered
                    )}
                  </td>
                  <td title={words.kindMeanings[failure.kind]} className="failure-kind">
                    {words.kinds[failure.kind]}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {shown.length > limit && (
        <Button kind="quiet" onPress={() => setLimit(limit + pageLength)}>
          {words.shown(limit, shown.length)}. {text.common.more}
        </Button>
      )}
    </section>
  );
}
