import type { MethodOutputs } from '../../../electron/contract/methods.ts';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { Screen } from '../../shell/screen.tsx';
import { useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { BackToRuns } from './run-page.tsx';
import { whenOf } from './run-list.tsx';

type Comparison = MethodOutputs['runs']['compare'];

/** Two runs: settings that differ, facts that are better and worse, and whether it could be chance. */
export function ComparePage({ a, b }: { readonly a: string; readonly b: string }) {
  const client = useClient();
  const { data, error, reload } = useQuery(client.runs.compare, { a, b }, ['runs', 'evaluations']);
  const { train } = text;
  return (
    <Screen title={train.compareTitle} secondary={<BackToRuns />}>
      {error !== null && <ErrorNote error={error} onRetry={reload} />}
      {data === undefined && error === null && <Loading what={train.readingRuns} />}
      {data !== undefined && <Compared comparison={data} />}
    </Screen>
  );
}

function Compared({ comparison }: { readonly comparison: Comparison }) {
  const { a, b, settings, rightA, rightB, better, worse, couldBeChance } = comparison;
  const { train } = text;
  const [nameA, nameB] = [whenOf(a.createdAt), whenOf(b.createdAt)];
  return (
    <>
      <section className="card stack-small">
        <p className="plan-what">
          {nameA}: {train.rightOf(rightA)}. {nameB}: {train.rightOf(rightB)}.
        </p>
        {rightA !== null && rightB !== null && (
          <p className="muted">{couldBeChance ? train.couldBeChance : train.notChance}</p>
        )}
      </section>
      <section className="stack-small">
        <h2>{train.settingsDiffer}</h2>
        {settings.length === 0 ? (
          <p className="muted">{train.noSettingsDiffer}</p>
        ) : (
          <PairTable
            label={train.settingsDiffer}
            heads={[train.settingColumns.label, nameA, nameB]}
            rows={settings.map(({ key, label, a: left, b: right }) => ({ key, label, left, right }))}
          />
        )}
      </section>
      <FactChanges title={train.better} facts={better} heads={[nameA, nameB]} />
      <FactChanges title={train.worse} facts={worse} heads={[nameA, nameB]} />
    </>
  );
}

type FactChangesProps = {
  readonly title: string;
  readonly facts: Comparison['better'];
  readonly heads: readonly [string, string];
};

function FactChanges({ title, facts, heads }: FactChangesProps) {
  return (
    <section className="stack-small">
      <h2>{title}</h2>
      {facts.length === 0 ? (
        <p className="muted">{text.train.none}</p>
      ) : (
        <PairTable
          label={title}
          heads={['', ...heads]}
          rows={facts.map(({ factId, statement, a, b }) => ({
            ...{ key: factId, label: statement, left: a, right: b },
            to: `#/facts/${factId}`,
          }))}
        />
      )}
    </section>
  );
}

type PairTableProps = {
  readonly label: string;
  readonly heads: readonly string[];
  readonly rows: readonly {
    readonly key: string;
    readonly label: string;
    readonly left: string;
    readonly right: string;
    readonly to?: string;
  }[];
};

function PairTable({ label, heads, rows }: PairTableProps) {
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={label}>
      <table className="data-table">
        <thead>
          <tr>
            {heads.map((head, index) => (
              <th key={index}>{head === '' ? <span className="hidden-text">{label}</span> : head}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, label: words, left, right, to }) => (
            <tr key={key}>
              <td>{to === undefined ? words : <a href={to}>{words}</a>}</td>
              <td>{left}</td>
              <td>{right}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
