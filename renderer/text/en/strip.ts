/** The standing status: one sentence, at most one button. */
import type { KnowledgeSummary } from '../../../electron/contract/entities/knowledge.ts';
import { count, duration, number, plural, shortDay, timeRange } from '../format.ts';

type Time = NonNullable<KnowledgeSummary['time']>;
type Rejected = NonNullable<KnowledgeSummary['rejected']>;
const quick =
  'The Quick taste recipe is a practice run, which learns too little to pass. Train with the Standard recipe.';

const middle = ({ lowSeconds, highSeconds }: Time) => (lowSeconds + highSeconds) / 2;
const waitWords = (left: number | null) => (left === null ? 'measuring' : `about ${duration(left)} left`);

export const strip = {
  noModel: 'No base model is chosen. Chat and training need one.',
  empty: 'The model knows nothing about you yet. Add a first fact.',
  clean: ({ facts, testedAt, promptTokens }: KnowledgeSummary) => {
    const tested = testedAt === null ? '' : ` (tested ${shortDay(testedAt)})`;
    const riding = facts.total - facts.learned - facts.waiting;
    const rest =
      riding > 0
        ? ` ${number(riding)} ${plural(riding, 'rides', 'ride')} in the prompt: ${count(promptTokens, 'token')} a message.`
        : '';
    return `The model has learned ${number(facts.learned)} of ${count(facts.total, 'fact')}${tested}.${rest}`;
  },
  notLearned: (facts: number) => `${count(facts, 'fact')} ${plural(facts, 'is', 'are')} not learned yet`,
  chatUses: (facts: number) => `chat already uses ${plural(facts, 'it', 'them')}.`,
  retrainTime: (time: Time) =>
    ` Retraining takes about ${duration(middle(time))} (${timeRange(time.lowSeconds, time.highSeconds)}, ${
      time.runs > 0 ? `from your last ${count(time.runs, 'run')}` : 'an estimate'
    }).`,
  firstTime: (time: Time) =>
    ` Training takes ${timeRange(time.lowSeconds, time.highSeconds)} (first run here).`,
  deleted: (facts: number, version: number | null) =>
    `${count(facts, 'fact')} ${plural(facts, 'is', 'are')} deleted; chat went back to ${
      version === null
        ? 'the plain model and the prompt.'
        : `version ${number(version)}, which never saw ${plural(facts, 'it', 'them')}.`
    }`,
  rebuildTime: (time: Time) => ` A rebuild, about ${duration(middle(time))}, teaches the rest again.`,
  rebuild: ' A rebuild teaches the rest again.',
  promptFull: (fits: number, waiting: number) =>
    `${number(fits)} ${plural(fits, 'fits', 'fit')} in the prompt, ${number(waiting)} ${plural(waiting, 'is', 'are')} not in chat.`,
  trainTime: (time: Time) => ` Training takes about ${duration(middle(time))}.`,
  running: ({ job }: KnowledgeSummary) => {
    if (job === null) return 'Learning.';
    const parts = [
      job.asked !== null && job.asked > 0
        ? `${number(job.right ?? 0)} of ${count(job.asked, 'test question')} right`
        : null,
      job.step !== null && job.steps !== null ? `step ${number(job.step)} of ${number(job.steps)}` : null,
      waitWords(job.secondsLeft),
    ].filter((part) => part !== null);
    return `Learning: ${parts.join(', ')}.`;
  },
  waitingEdits: (edits: number) =>
    ` ${count(edits, 'edit')} since it began ${plural(edits, 'waits', 'wait')} for the next training.`,
  testing: (version: number | null, asked: number | null, total: number | null) =>
    `Testing${version === null ? '' : ` version ${number(version)}`}${
      asked === null ? '' : `: question ${number(asked)}${total === null ? '' : ` of ${number(total)}`}`
    }.`,
  paused: (step: number | null, steps: number | null) =>
    `Training is paused${step === null ? '' : ` at step ${number(step)} of ${number(steps)}`}. No work is lost.`,
  interrupted: (step: number | null, steps: number | null) =>
    `Training stopped${step === null ? '' : ` at step ${number(step)} of ${number(steps)}`}. No work is lost.`,
  rejected: ({ version, reason, recipe }: Rejected) =>
    `Version ${number(version)} is not in use${recipe === 'quick' ? `. ${quick}` : `: ${reason.replace(/\.$/u, '')}.`}`,
  /** Why a version of that recipe did not pass, and what to do. */
  quick,
  stays: (active: number | null) =>
    ` Chat ${active === null ? 'uses your facts from the prompt' : `stays on version ${number(active)}`}.`,
  failed: (message: string) =>
    `Training stopped: ${lowerFirst(message).replace(/\.$/u, '')}. Your facts are safe.`,
  unread: 'Reading what the model knows.',
  buttons: {
    retrain: 'Retrain',
    /** The same word: its plan is shown first. */
    plan: 'Retrain',
    train: 'Train',
    rebuild: 'Rebuild',
    pause: 'Pause',
    cancel: 'Cancel',
    resume: 'Resume',
    seeWhy: 'See why',
    fix: 'Fix',
    chooseModel: 'Choose a model',
    addFact: 'Add a fact',
  },
  started: 'Training has begun.',
} as const;

/** A message in the middle of a sentence; a name or an abbreviation keeps its capital. */
function lowerFirst(message: string): string {
  return /^[A-Z][a-z' ]/u.test(message) ? message.charAt(0).toLowerCase() + message.slice(1) : message;
}
