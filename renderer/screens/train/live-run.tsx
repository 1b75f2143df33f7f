import { useState } from 'react';
import { useLocation } from 'wouter';
import type { RunDetail } from '../../../electron/contract/entities/run-detail.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Note } from '../../components/note.tsx';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { useAct, useApp, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { Curves } from './curves.tsx';
import { useNow } from './run-state.ts';

export type LiveRunProps = {
  readonly detail: RunDetail;
  /** The screen has its own Resume. */
  readonly isResumedAbove?: boolean;
};

const silentMs = 30_000;
/** Before that many steps nobody knows how long it takes. */
const measuredSteps = 10;
const goingStates: readonly string[] = ['queued', 'running'];

/** True while a run can still be paused or cancelled. */
export const isGoing = ({ run }: RunDetail): boolean => goingStates.includes(run.state);

/** One run with its curves, moving while it goes on. */
export function LiveRun({ detail, isResumedAbove = false }: LiveRunProps) {
  const { run, phase, points, probes, failing } = detail;
  const { train } = text;
  const going = isGoing(detail);
  return (
    <section className="card stack run-live" aria-label={train.runNow}>
      <div className="run-head">
        {going ? (
          <ProgressBar
            label={train.phases[phase]}
            done={run.step ?? 0}
            total={phase === 'learn' ? run.steps : null}
            words={progressWords(detail)}
          />
        ) : (
          <p>
            {run.state === 'paused'
              ? train.paused(run.step, run.steps)
              : run.state === 'interrupted'
                ? train.interrupted(run.step, run.steps)
                : null}
          </p>
        )}
        <RunActs detail={detail} isResumedAbove={isResumedAbove} />
      </div>
      {going && <Silence lastSignAt={detail.lastSignAt} />}
      {run.state === 'failed' && run.error !== null && <ErrorNote error={run.error} safe={train.safe} />}
      <RunFigures detail={detail} />
      <Curves points={points} probes={probes} steps={run.steps} />
      {(failing.length > 0 || (going && isAllRight(probes.at(-1)))) && <Failing detail={detail} />}
    </section>
  );
}

const isAllRight = (probe: RunDetail['probes'][number] | undefined): boolean =>
  probe !== undefined && probe.right === probe.asked;

function progressWords({ run, phase, secondsLeft }: RunDetail): string {
  const { train } = text;
  if (phase !== 'learn') return secondsLeft === null ? train.measuring : train.left(secondsLeft);
  const step = run.step ?? 0;
  const left = secondsLeft === null || step < measuredSteps ? train.measuring : train.left(secondsLeft);
  return `${train.step(step, run.steps)}, ${left}`;
}

function RunFigures({ detail: { run, points } }: LiveRunProps) {
  const speed = points.at(-1)?.tokensPerSecond ?? run.tokensPerSecond;
  const parts = [
    speed === null ? null : text.train.tokensPerSecond(speed),
    run.peakMemoryBytes === null ? null : text.train.memoryUsed(run.peakMemoryBytes),
    run.device,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : <p className="meta">{parts.join(' | ')}</p>;
}

/** After 30 s without a word of the trainer the reader is told. */
function Silence({ lastSignAt }: { readonly lastSignAt: number | null }) {
  const now = useNow(5000);
  const silence = lastSignAt === null ? 0 : now - lastSignAt;
  if (silence < silentMs) return null;
  return <Note kind="warning">{text.train.silent(silence / 1000)}</Note>;
}

function RunActs({ detail, isResumedAbove }: LiveRunProps) {
  const client = useClient();
  const act = useAct();
  const [, navigate] = useLocation();
  const activeVersion = useApp(({ summary }) => summary?.activeVersion ?? null);
  const [asked, setAsked] = useState<'pause' | 'cancel' | null>(null);
  const { jobId, run } = detail;
  const { train } = text;
  const ask = (what: 'pause' | 'cancel') => {
    if (jobId === null) return;
    setAsked(what);
    void act(() => client.jobs[what]({ jobId }), {
      said: what === 'cancel' ? train.cancelled(activeVersion) : () => null,
    }).then((done) => {
      if (done === undefined) setAsked(null);
    });
  };
  if (isGoing(detail)) {
    if (jobId === null) return null;
    return (
      <div className="run-acts">
        <Button isDisabled={asked !== null} onPress={() => ask('pause')}>
          {asked === 'pause' ? train.pausing : train.pause}
        </Button>
        <Button isDisabled={asked !== null} onPress={() => ask('cancel')}>
          {asked === 'cancel' ? train.cancelling : train.cancel}
        </Button>
      </div>
    );
  }
  if (run.state !== 'paused' && run.state !== 'interrupted') return null;
  return (
    <div className="run-acts">
      {isResumedAbove !== true && (
        <Button
          kind="primary"
          onPress={() =>
            void act(
              () =>
                jobId === null ? client.training.start({ resume: true }) : client.jobs.resume({ jobId }),
              { said: text.strip.started },
            ).then((done) => {
              if (done !== undefined) navigate('/train');
            })
          }
        >
          {train.resume}
        </Button>
      )}
      {jobId !== null && run.state === 'paused' && (
        <Button isDisabled={asked === 'cancel'} onPress={() => ask('cancel')}>
          {train.cancel}
        </Button>
      )}
    </div>
  );
}

function Failing({ detail: { failing } }: LiveRunProps) {
  const { train } = text;
  return (
    <section className="stack-small">
      <h2>{train.failing}</h2>
      {failing.length === 0 ? (
        <p className="muted">{train.noneFailing}</p>
      ) : (
        <ul className="failing">
          {failing.map(({ factId, statement, right, asked }) => (
            <li key={factId}>
              <a href={`#/facts/${factId}`}>{statement}</a>{' '}
              <span className="muted">{train.failingFact(right, asked)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
