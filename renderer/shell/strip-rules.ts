/** Which sentence and which button the strip shows, from the summary alone. */
import type { KnowledgeSummary } from '../../electron/contract/entities/knowledge.ts';
import type { LiveRun } from '../state/store.ts';
import { text } from '../text/en.ts';

export type StripAct = keyof typeof text.strip.buttons;

export type StripView = {
  readonly sentence: string;
  readonly act: StripAct | null;
  /** A second way on, quieter. */
  readonly aside?: StripAct;
  readonly tone: 'plain' | 'clean' | 'edited' | 'running' | 'warning' | 'failed';
};

/** Trainings above this are planned before they begin. */
const longSeconds = 15 * 60;

/** A summary with what was heard of its run since, so that the strip says the step that Train shows. */
export function withLive(summary: KnowledgeSummary, live: LiveRun | undefined): KnowledgeSummary {
  const { job } = summary;
  if (summary.state !== 'running' || job === null || live?.phase !== 'learn') return summary;
  const probe = live.probes.at(-1);
  return {
    ...summary,
    job: {
      ...job,
      step: Math.max(job.step ?? 0, live.points.at(-1)?.step ?? 0) || job.step,
      ...(probe !== undefined && { right: probe.right, asked: probe.asked }),
      secondsLeft: live.secondsLeft,
    },
  };
}

const isPlannedFirst = ({ isRebuild, time }: KnowledgeSummary): boolean =>
  isRebuild || (time !== null && time.highSeconds > longSeconds);

/** The view of a summary. */
export function stripOf(summary: KnowledgeSummary): StripView {
  const { strip } = text;
  const { facts, job, time, toTeach } = summary;
  const notLearned = strip.notLearned(toTeach);
  switch (summary.state) {
    case 'no-model':
      return { sentence: strip.noModel, act: 'chooseModel', tone: 'warning' };
    case 'empty':
      return { sentence: strip.empty, act: 'addFact', tone: 'plain' };
    case 'clean':
      return { sentence: strip.clean(summary), act: null, tone: 'clean' };
    case 'edited': {
      const sentence = `${notLearned}; ${strip.chatUses(toTeach)}${time === null ? '' : strip.retrainTime(time)}`;
      return { sentence, act: isPlannedFirst(summary) ? 'plan' : 'retrain', tone: 'edited' };
    }
    case 'first':
      return {
        sentence: `${notLearned}; ${strip.chatUses(toTeach)}${time === null ? '' : strip.firstTime(time)}`,
        act: 'train',
        tone: 'edited',
      };
    case 'deleted':
      return {
        sentence: `${strip.deleted(summary.deleted, summary.activeVersion)}${
          time === null ? strip.rebuild : strip.rebuildTime(time)
        }`,
        act: 'rebuild',
        tone: 'warning',
      };
    case 'prompt-full':
      return {
        sentence: `${notLearned}: ${strip.promptFull(toTeach - facts.waiting, facts.waiting)}${
          time === null ? '' : strip.trainTime(time)
        }`,
        act: 'train',
        tone: 'warning',
      };
    case 'running': {
      const waiting = summary.editedDuringRun > 0 ? strip.waitingEdits(summary.editedDuringRun) : '';
      return { sentence: `${strip.running(summary)}${waiting}`, act: 'pause', tone: 'running' };
    }
    case 'testing':
      return {
        sentence: strip.testing(null, job?.step ?? null, job?.steps ?? null),
        act: 'cancel',
        tone: 'running',
      };
    case 'interrupted': {
      const words = job?.isPaused === true ? strip.paused : strip.interrupted;
      return { sentence: words(job?.step ?? null, job?.steps ?? null), act: 'resume', tone: 'warning' };
    }
    case 'rejected': {
      const why = summary.rejected === null ? strip.clean(summary) : strip.rejected(summary.rejected);
      if (toTeach === 0)
        return { sentence: why + strip.stays(summary.activeVersion), act: 'seeWhy', tone: 'warning' };
      const isPlanned = summary.activeVersion === null || isPlannedFirst(summary);
      return {
        sentence: `${why} ${notLearned}; ${strip.chatUses(toTeach)}`,
        act: isPlanned ? 'plan' : 'retrain',
        aside: 'seeWhy',
        tone: 'warning',
      };
    }
    case 'failed':
      return {
        sentence: strip.failed(summary.failed?.error.message ?? text.common.unknown),
        act: 'fix',
        tone: 'failed',
      };
  }
}
