import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import type { KnowledgeSummary } from '../../electron/contract/entities/knowledge.ts';
import { Button } from '../components/button.tsx';
import { announce } from '../state/store.ts';
import { useAct, useApp, useAppStore, useClient } from '../state/use-app.ts';
import { text } from '../text/en.ts';
import { stripOf, withLive } from './strip-rules.ts';
import type { StripAct, StripView } from './strip-rules.ts';

/** What the model knows: one sentence that is always there, and at most one button. */
export function Strip() {
  const told = useApp((state) => state.summary);
  const live = useApp(({ liveRuns }) => liveRuns[told?.job?.runId ?? '']);
  const summary = told === null ? null : withLive(told, live);
  const doAct = useStripAct();
  useSpokenPhase(summary);
  const { sentence, act, aside, tone }: StripView =
    summary === null ? { sentence: text.strip.unread, act: null, tone: 'plain' } : stripOf(summary);

  return (
    <footer className={`strip strip-${tone}`} aria-label={text.shell.strip} data-region tabIndex={-1}>
      <span className="strip-mark" aria-hidden />
      <p className="strip-sentence" title={sentence}>
        {sentence}
      </p>
      {aside !== undefined && (
        <Button kind="quiet" onPress={() => doAct(aside)}>
          {text.strip.buttons[aside]}
        </Button>
      )}
      {act !== null && <Button onPress={() => doAct(act)}>{text.strip.buttons[act]}</Button>}
    </footer>
  );
}

/** What the strip's button does; the plan comes first only for a first run, a rebuild, a long one or no fit. */
export function useStripAct(): (act: StripAct) => void {
  const client = useClient();
  const run = useAct();
  const store = useAppStore();
  const [, navigate] = useLocation();
  return (act) => {
    const { summary } = store.getState();
    const jobId = summary?.job?.jobId;
    switch (act) {
      case 'retrain':
        void run(() => client.training.start({}), { said: text.strip.started });
        return;
      case 'train':
      case 'rebuild':
      case 'plan':
      case 'fix':
        navigate('/train');
        return;
      case 'pause':
        if (jobId !== undefined) void run(() => client.jobs.pause({ jobId }));
        return;
      case 'cancel':
        if (jobId !== undefined) void run(() => client.jobs.cancel({ jobId }));
        return;
      case 'resume':
        if (jobId !== undefined) void run(() => client.jobs.resume({ jobId }));
        else void run(() => client.training.start({ resume: true }), { said: text.strip.started });
        return;
      case 'seeWhy':
        navigate('/report');
        return;
      case 'chooseModel':
        navigate('/models');
        return;
      case 'addFact':
        navigate('/facts/new');
        return;
    }
  };
}

/** Speaks when the phase changes and at 25, 50 and 75 %, never more often than every 30 s. */
function useSpokenPhase(summary: KnowledgeSummary | null): void {
  const store = useAppStore();
  const said = useRef<{ phase: string; at: number } | null>(null);
  useEffect(() => {
    if (summary === null) return;
    const { job } = summary;
    const [step, steps] = [job?.step ?? 0, job?.steps ?? 0];
    const share = steps > 0 ? step / steps : 0;
    const phase = `${summary.state} ${Math.floor(share * 4)}`;
    const before = said.current;
    if (before === null) {
      said.current = { phase, at: 0 };
      return;
    }
    const isNewState = before.phase.split(' ')[0] !== summary.state;
    if (before.phase === phase || (!isNewState && Date.now() - before.at < 30_000)) return;
    said.current = { phase, at: Date.now() };
    announce(store, stripOf(summary).sentence);
  }, [summary, store]);
}
