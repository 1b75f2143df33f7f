import type { KnowledgeSummary } from '../../contract/entities/knowledge.ts';
import { count } from './words.ts';

/** What the model knows, and what to do next, in a sentence or two. */
export function describeKnowledge(known: KnowledgeSummary): string {
  const { facts, job } = known;
  switch (known.state) {
    case 'no-model':
      return 'There is no base model yet: keepsake models search, or keepsake models add FILE';
    case 'empty':
      return 'There are no facts yet: keepsake facts add --attribute birthday --value "3 March 1990"';
    case 'clean':
      return `The model has learned ${facts.learned} of ${count(facts.total, 'fact')}.${inPrompt(known)}`;
    case 'first':
    case 'edited':
      return `${notLearned(known)}; chat uses ${known.toTeach === 1 ? 'it' : 'them'} already.${time(known)} Next: keepsake train`;
    case 'prompt-full':
      return `${notLearned(known)}; ${facts.waiting} do not fit into the prompt and are not in chat.${time(known)} Next: keepsake train`;
    case 'deleted':
      return `${count(known.deleted, 'fact')} that the model had learned ${known.deleted === 1 ? 'is' : 'are'} deleted; chat uses ${activeVersion(known)}. A rebuild teaches the rest again.${time(known)} Next: keepsake train`;
    case 'running':
      return `A training is running${where(job)}.`;
    case 'testing':
      return `A version is being tested: question ${job?.step ?? 0} of ${job?.steps ?? 0}.`;
    case 'interrupted':
      return `A training stopped${where(job)}. No work is lost. Go on with: keepsake train`;
    case 'rejected':
      return `Version ${known.rejected?.version ?? 0} is not in use: ${whyRejected(known)}. Chat uses ${activeVersion(known)}.${known.toTeach === 0 ? '' : ` ${notLearned(known)}.${time(known)} Next: keepsake train`}`;
    case 'failed':
      return `The last training stopped: ${known.failed?.error.message ?? ''} The facts are safe.`;
  }
}

function whyRejected({ rejected }: KnowledgeSummary): string {
  return rejected?.recipe === 'quick'
    ? 'the recipe quick is a practice run, which learns too little to pass'
    : (rejected?.reason ?? '');
}

function where(job: KnowledgeSummary['job']): string {
  const { step, steps } = job ?? { step: null, steps: null };
  if (step === null) return '';
  return ` at step ${step}${steps === null ? '' : ` of ${steps}`}`;
}

function notLearned({ toTeach }: KnowledgeSummary): string {
  return `${count(toTeach, 'fact')} ${toTeach === 1 ? 'is' : 'are'} not learned yet`;
}

function inPrompt({ facts, promptTokens }: KnowledgeSummary): string {
  const riding = facts.total - facts.learned;
  if (riding === 0) return '';
  return ` ${riding} ${riding === 1 ? 'rides' : 'ride'} in the prompt: about ${promptTokens} tokens a message.`;
}

function activeVersion({ activeVersion: version }: KnowledgeSummary): string {
  return version === null ? 'the base model with the facts in its prompt' : `version ${version}`;
}

function time({ time: known, isRebuild }: KnowledgeSummary): string {
  if (known === null) return '';
  const minutes = (seconds: number): number => Math.max(1, Math.round(seconds / 60));
  const [low, high] = [minutes(known.lowSeconds), minutes(known.highSeconds)];
  const what = isRebuild ? 'Training from the base' : 'Training';
  return ` ${what} takes ${low === high ? `about ${low}` : `${low} to ${high}`} min.`;
}
