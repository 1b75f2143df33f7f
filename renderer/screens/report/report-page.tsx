import { useLocation } from 'wouter';
import type { AdapterVersion } from '../../../electron/contract/entities/model.ts';
import type { EvaluationReport } from '../../../electron/contract/entities/report.ts';
import { Button } from '../../components/button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { Note } from '../../components/note.tsx';
import { SelectField } from '../../components/select-field.tsx';
import { Screen } from '../../shell/screen.tsx';
import { useAct, useApp, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { Arms } from './arms.tsx';
import { Everything } from './everything.tsx';
import { Failures } from './failures.tsx';
import { HeatTable } from './heat-table.tsx';
import { UseAnyway } from './use-anyway.tsx';

/** The examination of one version: the one in use, else the newest, unless another is asked for. */
export function ReportPage({ id }: { readonly id: string | null }) {
  const client = useClient();
  const [, navigate] = useLocation();
  const isTesting = useApp(({ summary }) => summary?.state === 'testing');
  const job = useApp(({ summary }) => summary?.job ?? null);
  const rejectedId = useApp(({ summary }) => summary?.rejected?.adapterId ?? null);
  const wanted = id ?? rejectedId;
  const { data, error, reload } = useQuery(client.reports.get, wanted === null ? {} : { adapterId: wanted }, [
    'evaluations',
    'adapters',
  ]);
  const versions = useQuery(client.adapters.list, {}, ['adapters']).data;
  const report = data?.report ?? null;
  const version = versions?.adapters.find((each) => each.id === report?.adapterId);
  const adapterId = report?.adapterId ?? null;
  const words = text.report;
  return (
    <Screen
      title={text.shell.places.report}
      secondary={
        versions !== undefined &&
        versions.adapters.length > 1 &&
        adapterId !== null && (
          <div className="report-picker">
            <SelectField
              label={words.versionPicker}
              isLabelHidden
              value={adapterId}
              options={versions.adapters.map((each) => ({
                value: each.id,
                label: words.version(each.number),
                ...(each.id === versions.activeAdapterId && { note: words.inUseNote }),
              }))}
              onChange={(next) => navigate(`/report/${next}`)}
            />
          </div>
        )
      }
      primary={
        version !== undefined &&
        version.verdict?.approved === false &&
        version.id !== versions?.activeAdapterId && <UseAnyway version={version} />
      }
    >
      {isTesting && (
        <Note>
          <strong>{words.testingTitle}</strong>
          {words.testing(job?.asked ?? null, job?.steps ?? null)}
        </Note>
      )}
      {error?.code === 'not-found' ? (
        <EmptyState title={words.gone}>{null}</EmptyState>
      ) : (
        error !== null && <ErrorNote error={error} onRetry={reload} />
      )}
      {data === undefined && error === null && <Loading what={words.reading} />}
      {data !== undefined && report === null && <NoReport />}
      {report !== null && (
        <Report report={report} version={version} isActive={version?.id === versions?.activeAdapterId} />
      )}
    </Screen>
  );
}

type ReportProps = {
  readonly report: EvaluationReport;
  readonly version: AdapterVersion | undefined;
  readonly isActive: boolean;
};

function Report({ report, version, isActive }: ReportProps) {
  const words = text.report;
  const tuned =
    report.arms.find(({ arm }) => arm === 'tuned') ?? report.arms.find(({ arm }) => arm === 'served');
  const approved = report.verdict?.approved ?? null;
  const override = version?.override ?? null;
  const isQuick = useApp(
    ({ summary }) => summary?.rejected?.recipe === 'quick' && summary.rejected.adapterId === report.adapterId,
  );
  return (
    <>
      <section className="stack-small">
        <p className="report-headline">
          {words.headline(report.version, approved, tuned?.recall.right ?? 0, tuned?.recall.n ?? 0)}{' '}
          <span className="muted">
            {isActive ? (override === null ? words.inUse : words.yourChoice) : words.notInUse}
          </span>
        </p>
        {report.verdict !== null && !report.verdict.approved && report.verdict.reasons.length > 0 && (
          <Note kind="warning">
            <strong>{words.reasons}</strong>
            {isQuick && <p>{text.strip.quick}</p>}
            <ul className="reasons">
              {report.verdict.reasons.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
            {override !== null && <p>{words.reasonWas(override)}</p>}
          </Note>
        )}
      </section>
      <section className="card stack-small">
        <h2>{words.arms}</h2>
        <Arms arms={report.arms} />
        <AskOthers report={report} />
      </section>
      {report.cells.length > 0 && <HeatTable cells={report.cells} />}
      <Everything report={report} />
      <Failures failures={report.failures} />
    </>
  );
}

const fourArms = ['base', 'prompt', 'tuned', 'both'] as const;

function AskOthers({ report }: { readonly report: EvaluationReport }) {
  const client = useClient();
  const act = useAct();
  const isBusy = useApp(({ jobs }) =>
    Object.values(jobs).some(
      ({ kind, state }) => kind === 'evaluate' && (state === 'running' || state === 'queued'),
    ),
  );
  const words = text.report;
  const { adapterId } = report;
  const isMissing = fourArms.some((arm) => !report.arms.some((asked) => asked.arm === arm));
  if (!isMissing || adapterId === null) return null;
  return (
    <div className="line">
      <Button
        isDisabled={isBusy}
        onPress={() =>
          void act(() => client.evaluations.start({ adapter: adapterId, arm: 'all' }), { said: words.asking })
        }
      >
        {words.askAll}
      </Button>
      <span className="meta">{isBusy ? words.asking : words.askAllNote}</span>
    </div>
  );
}

function NoReport() {
  const [, navigate] = useLocation();
  const words = text.report;
  return (
    <EmptyState
      title={words.emptyTitle}
      example={
        <dl className="arm-meanings">
          {fourArms.map((arm) => (
            <div key={arm}>
              <dt>{words.armNames[arm]}</dt>
              <dd className="muted">{words.armMeanings[arm]}</dd>
            </div>
          ))}
        </dl>
      }
      action={<Button onPress={() => navigate('/train')}>{words.emptyAction}</Button>}
    >
      {words.emptyWords}
    </EmptyState>
  );
}
