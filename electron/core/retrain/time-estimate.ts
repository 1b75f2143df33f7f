/**
 * How long a training will take: from the speed of earlier ones on this base, else from a stated default.
 *
 * The default: 4.7e10 trained tokens x multiplied weights a second and thread with BF16 products (700 tokens/s of 134 M
 * weights on two cores, docs/experiments.md), a third of it without them.
 */
import type { TrainingRun } from '../../contract/entities/training.ts';

export type TimeEstimate = {
  readonly lowSeconds: number;
  readonly highSeconds: number;
  readonly basis: 'measured' | 'estimate';
  readonly text: string;
};

const productsPerThread = 4.7e10;
/** How many of the last runs count. */
const recentRuns = 5;
/** A machine is never equally busy. */
const measuredSpread = 1.15;
const guess = { best: 1.3, worst: 0.25 } as const;
const judgeSpread = 1.5;

export type TimeQuestion = {
  readonly tokens: number;
  /** Runs of this base, newest first. */
  readonly runs: readonly Pick<TrainingRun, 'tokensPerSecond' | 'device'>[];
  /** What the last of them ran on, and by which products; null where that is not known. */
  readonly device: string | null;
  readonly threads: number;
  readonly productPath: 'bf16' | 'f32';
  /** Weights of the layers that are multiplied. */
  readonly weights: number;
};

/** Low and high in seconds, the judging that follows included: what a plan and the standing status say. */
export function estimateTraining(
  question: TimeQuestion & { readonly facts: number },
): TimeEstimate & { readonly judgeSeconds: number } {
  const time = estimateTime(question);
  const judgeSeconds = estimateJudging(question.facts, question.weights, question.threads);
  return {
    ...time,
    lowSeconds: time.lowSeconds + judgeSeconds / judgeSpread,
    highSeconds: time.highSeconds + judgeSeconds * judgeSpread,
    judgeSeconds,
  };
}

/** Low and high in seconds of the steps alone. */
export function estimateTime(question: TimeQuestion): TimeEstimate {
  const { tokens, runs, device, threads, productPath, weights } = question;
  const speeds = runs
    .filter((run) => device === null || run.device === device)
    .flatMap((run) => run.tokensPerSecond ?? [])
    .slice(0, recentRuns);
  if (speeds.length > 0) {
    const low = Math.min(...speeds);
    const high = Math.max(...speeds);
    return {
      lowSeconds: tokens / (high * measuredSpread),
      highSeconds: (tokens / low) * measuredSpread,
      basis: 'measured',
      text: `${Math.round(low)} to ${Math.round(high)} tokens/s in ${speeds.length} earlier training${speeds.length === 1 ? '' : 's'} on this base`,
    };
  }
  const speed = (productsPerThread * threads * (productPath === 'bf16' ? 1 : 1 / 3)) / Math.max(1, weights);
  return {
    lowSeconds: tokens / (speed * guess.best),
    highSeconds: tokens / (speed * guess.worst),
    basis: 'estimate',
    text: `a guess of ${Math.round(speed)} tokens/s: nothing was trained on this base here yet`,
  };
}

/** Questions of the examination: eight a fact, and those that every adapter is asked. */
const questionsPerFact = 8;
const otherQuestions = 180;
/** Tokens of an answer, and how many a thread reads and writes a second on a base of 135 M weights. */
const answerTokens = 20;
const answerSpeed = 100;
const answerWeights = 134e6;

/** Seconds of judging, which follows a training. */
function estimateJudging(facts: number, weights: number, threads: number): number {
  const questions = facts * questionsPerFact + otherQuestions;
  return (questions * answerTokens * weights) / (answerSpeed * threads * answerWeights);
}
