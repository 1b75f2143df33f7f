import { Button } from '../../components/button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import type { RunDetail } from '../../../electron/contract/entities/run-detail.ts';
import { Screen } from '../../shell/screen.tsx';
import { text } from '../../text/en.ts';
import { duration } from '../../text/format.ts';
import { LiveRun } from './live-run.tsx';
import { whenOf } from './run-list.tsx';
import { useRun } from './run-state.ts';

/** One run: its curves, its result, and every setting with its reason. */
export function RunPage({ id }: { readonly id: string }) {
  const { data, error, reload } = useRun(id);
  const { train } = text;
  const title =
    data === undefined ? text.shell.places.train : train.run(data.run.version, whenOf(data.run.createdAt));
  return (
    <Screen title={title} secondary={<BackToRuns />}>
      {error?.code === 'not-found' ? (
        <EmptyState title={train.goneRun} action={<BackToRuns />}>
          {null}
        </EmptyState>
      ) : (
        error !== null && <ErrorNote error={error} onRetry={reload} />
      )}
      {data === undefined && error === null && <Loading what={train.readingRun} />}
      {data !== undefined && (
        <>
          {data.result !== null && <RunResult detail={data} />}
          <LiveRun detail={data} />
          <RunSettings detail={data} />
        </>
      )}
    </Screen>
  );
}

/** The way back to the list of runs. */
export function BackToRuns() {
  return (
    <Button
      onPress={() => {
        location.hash = '#/train';
      }}
    >
      {text.train.back}
    </Button>
  );
}

function RunResult({ detail: { result, run } }: { readonly detail: RunDetail }) {
  const { train } = text;
  if (result === null) return null;
  return (
    <section className="card stack-small" aria-label={train.result}>
      <p className="plan-what">
        {train.resultWords(result.right, result.asked)}{' '}
        <span className={result.approved ? 'good' : 'bad'}>
          {result.approved ? train.approved : train.notApproved}
        </span>
      </p>
      {!result.approved && run.recipe === 'quick' && <p>{text.strip.quick}</p>}
      {result.reasons.map((reason) => (
        <p key={reason}>{reason}</p>
      ))}
      <p className="meta">
        {train.duration}: {run.seconds === null ? text.common.unknown : duration(run.seconds)}
        {run.adapterId !== null && (
          <>
            {' | '}
            <a href={`#/report/${run.adapterId}`}>{train.openReport}</a>
          </>
        )}
      </p>
    </section>
  );
}

function RunSettings({ detail: { settings } }: { readonly detail: RunDetail }) {
  const { train } = text;
  if (settings.length === 0) return null;
  return (
    <section className="stack-small">
      <h2>{train.settings}</h2>
      <div className="table-scroll" tabIndex={0} role="region" aria-label={train.settings}>
        <table className="data-table">
          <thead>
            <tr>
              <th>{train.settingColumns.label}</th>
              <th>{train.settingColumns.value}</th>
              <th>{train.settingColumns.why}</th>
            </tr>
          </thead>
          <tbody>
            {settings.map(({ key, label, value, why }) => (
              <tr key={key}>
                <td>{label}</td>
                <td className="setting-value">{value}</td>
                <td className="muted">{why}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
