import type { KnowledgeSummary } from '../../../electron/contract/entities/knowledge.ts';
import type { TrainPlan } from '../../../electron/contract/entities/train-plan.ts';
import type { Topic } from '../../../electron/contract/events.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { Note } from '../../components/note.tsx';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { stripOf } from '../../shell/strip-rules.ts';
import { useAct, useApp, useClient } from '../../state/use-app.ts';
import { useQuery, type Query } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { duration, number } from '../../text/format.ts';
import { WizardFrame } from './wizard-frame.tsx';

/** The plan of the first training; it can begin now or later. */
export function TrainStep() {
  const client = useClient();
  const act = useAct();
  const summary = useApp((state) => state.summary);
  const hasFacts = summary === null || summary.facts.total > 0;
  const isRunning = summary?.state === 'running' || summary?.state === 'testing';
  const asked = useQuery(client.training.plan, hasFacts && !isRunning ? {} : null, planTopics);
  const plan = asked.data;
  const canStart = plan !== undefined && plan.mode !== 'nothing' && !isShort(plan);
  return (
    <WizardFrame
      step="train"
      primary={
        canStart ? (
          <Button kind="primary" onPress={() => void act(() => client.training.start({}))}>
            {text.welcome.start}
          </Button>
        ) : null
      }
    >
      <TrainContent {...{ summary, hasFacts, isRunning }} asked={asked} />
    </WizardFrame>
  );
}

const planTopics: readonly Topic[] = ['facts', 'adapters', 'models', 'settings'];

const isShort = ({ memory }: TrainPlan): boolean =>
  memory.neededBytes > (memory.freeBytes ?? Number.POSITIVE_INFINITY);

type ContentProps = {
  readonly summary: KnowledgeSummary | null;
  readonly hasFacts: boolean;
  readonly isRunning: boolean;
  readonly asked: Query<TrainPlan>;
};

function TrainContent({ summary, hasFacts, isRunning, asked: { data: plan, error, reload } }: ContentProps) {
  const activeVersion = summary?.activeVersion ?? null;
  const { welcome } = text;

  if (!hasFacts) return <p>{welcome.nothingToTeach}</p>;
  if (isRunning && summary !== null) {
    const { job } = summary;
    return (
      <>
        <p>{welcome.runs}</p>
        <ProgressBar
          label={stripOf(summary).sentence}
          done={job?.step ?? 0}
          total={job?.steps ?? null}
          words={
            job?.secondsLeft === null || job?.secondsLeft === undefined
              ? text.common.noTimeYet
              : `${duration(job.secondsLeft)} left`
          }
        />
      </>
    );
  }
  return (
    <>
      {activeVersion !== null && <Note>{welcome.trained(activeVersion)}</Note>}
      {error !== null && <ErrorNote error={error} onRetry={reload} />}
      {plan === undefined && error === null && <Loading what={welcome.readingPlan} />}
      {plan !== undefined && plan.mode !== 'nothing' && (
        <>
          <p className="strong">{welcome.planWords(plan.facts.filter(({ current }) => current).length)}</p>
          <dl className="card wizard-data">
            <div>
              <dt>{welcome.time}</dt>
              <dd>
                {welcome.timeWords(plan.time.lowSeconds, plan.time.highSeconds, plan.time.judgeSeconds)}
              </dd>
            </div>
            <div>
              <dt>{welcome.planMemory}</dt>
              <dd>{welcome.memoryPlan(plan.memory.neededBytes, plan.memory.freeBytes)}</dd>
            </div>
            <div>
              <dt>{welcome.planDisk}</dt>
              <dd>{welcome.diskPlan(plan.disk.neededBytes, plan.disk.freeBytes)}</dd>
            </div>
            <div>
              <dt>{welcome.planModel}</dt>
              <dd>{plan.base.name}</dd>
            </div>
            <div>
              <dt>{welcome.planDevice}</dt>
              <dd>{plan.device}</dd>
            </div>
          </dl>
          {isShort(plan) && (
            <Note kind="warning">{welcome.noFit(plan.memory.neededBytes, plan.memory.freeBytes ?? 0)}</Note>
          )}
        </>
      )}
      <p className="muted">{welcome.later}</p>
      {plan !== undefined && plan.facts.length > 0 && (
        <details>
          <summary>
            {text.common.details} ({number(plan.facts.length)})
          </summary>
          <ul className="plan-facts">
            {plan.facts.map((fact) => (
              <li key={fact.factId}>{fact.statement}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
