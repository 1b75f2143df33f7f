import { useState } from 'react';
import type { Topic } from '../../../electron/contract/events.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { Screen } from '../../shell/screen.tsx';
import { useStripAct } from '../../shell/strip.tsx';
import { useAct, useApp, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { Advanced, defaultOptions, toRequest, type TrainOptions } from './advanced.tsx';
import { LiveRun, isGoing } from './live-run.tsx';
import { fits, MissingPlan, Plan } from './plan.tsx';
import { RunList } from './run-list.tsx';
import { useRun } from './run-state.ts';

const planTopics: readonly Topic[] = ['facts', 'adapters', 'models', 'settings', 'runs'];

/** The next training before it runs, the one that runs, and those that ran. */
export function TrainPage() {
  const client = useClient();
  const act = useAct();
  const doStripAct = useStripAct();
  const summary = useApp((state) => state.summary);
  const [options, setOptions] = useState<TrainOptions>(defaultOptions);
  const [isStarting, setIsStarting] = useState(false);
  const isLearning = summary?.state === 'running' || summary?.state === 'testing';
  const run = useRun(summary?.job?.runId ?? null);
  const isRunShown = run.data !== undefined && (isLearning || (summary?.job ?? null) !== null);
  const hasModel = summary !== null && summary.state !== 'no-model';
  const hasFacts = summary !== null && summary.facts.total > 0;
  const request = toRequest(options);
  const canPlan = hasModel && hasFacts && !isLearning && request !== null;
  const plan = useQuery(client.training.plan, canPlan ? request : null, planTopics);
  const resumes = (plan.data?.resumes ?? null) !== null;
  const failed = summary?.failed ?? null;
  const { train } = text;
  /** The one way on with what was paused is that of the strip. */
  const isStopped = summary?.state === 'interrupted';
  const start = async () => {
    if (request === null) return;
    setIsStarting(true);
    await act(() => client.training.start({ ...request, resume: resumes }), {
      said: text.strip.started,
    });
    setIsStarting(false);
  };
  const isFit = plan.data === undefined || fits(plan.data);
  const isGoingOn = isLearning || (run.data !== undefined && isGoing(run.data));
  return (
    <Screen
      title={text.shell.places.train}
      primary={
        !isGoingOn && (
          <Button
            kind="primary"
            isDisabled={
              !isStopped && (!canPlan || (plan.data?.mode === 'nothing' && !plan.isLoading) || isStarting)
            }
            onPress={() => (isStopped ? doStripAct('resume') : void start())}
          >
            {isStarting
              ? train.starting
              : isStopped
                ? train.resume
                : !isFit
                  ? train.tryAnyway
                  : resumes
                    ? train.resume
                    : train.start}
          </Button>
        )
      }
    >
      {failed !== null && !isGoingOn && <ErrorNote error={failed.error} safe={train.safe} />}
      {run.data !== undefined && isRunShown && <LiveRun detail={run.data} isResumedAbove />}
      {isLearning && run.data === undefined && <Loading what={train.readingRun} />}
      {!isGoingOn && summary !== null && (
        <>
          {(!hasModel || !hasFacts) && <MissingPlan hasModel={hasModel} hasFacts={hasFacts} />}
          {plan.error !== null && canPlan && <ErrorNote error={plan.error} onRetry={plan.reload} />}
          {canPlan && plan.data === undefined && plan.error === null && <Loading what={train.reading} />}
          {plan.data !== undefined && canPlan && (
            <Plan
              plan={plan.data}
              weak={summary.facts.weak}
              onRebuild={() => setOptions({ ...options, rebuild: true })}
            />
          )}
          {hasModel && hasFacts && <Advanced options={options} onChange={setOptions} />}
        </>
      )}
      <RunList />
    </Screen>
  );
}
