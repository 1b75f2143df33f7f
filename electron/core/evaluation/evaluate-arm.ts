/**
 * One arm: every question answered by the same routing that chat uses, scored and summed up. No database.
 *
 * base: the base alone. prompt: the base with all facts in the prompt. tuned: adapter and routing, no fact in the
 * prompt. both: adapter with all facts in the prompt. served: adapter with the bridge of each question. standalone:
 * adapter without routing, no fact in the prompt.
 */
import type { Answer, ArmName, ArmResult, Question } from '../../contract/entities/evaluation.ts';
import type { LoadedModel } from '../dependencies.ts';
import type { Objective } from '../../contract/entities/training.ts';
import { promptMessages } from '../models/prompt.ts';
import { answerAll, greedy, type KnownGenerations, type RoutedRequest } from '../models/routing.ts';
import { failureOf, type ToldValues } from './failure-kind.ts';
import { summarise } from './metrics.ts';
import { mapSteps, takeInSlices } from '../util/slices.ts';
import { isRight, type ScoreContext } from './score-answer.ts';

export type EvaluateArmInput = {
  readonly model: LoadedModel;
  readonly arm: ArmName;
  /** The adapter under test; needed by every arm but `base` and `prompt`. */
  readonly adapterFile: string | null;
  readonly adapterId: string | null;
  /** `standalone`: no arm of this adapter hands anything over. Defaults to `routed`. */
  readonly objective?: Objective;
  readonly questions: readonly Question[];
  readonly systemText: string;
  /** Statements that ride with a question: all facts for `prompt` and `both`, the bridge for `served`. */
  readonly statementsFor?: (question: string) => readonly string[];
  readonly score: ScoreContext;
  /** For the kind of each wrong answer; without it none is named. */
  readonly told?: ToldValues;
  /** Greedy answers of this very base and adapter that are already known; read and filled. */
  readonly known?: KnownGenerations;
};

/** An answer with facts must end by itself to be right; most take twenty tokens. */
const factTokens = 64;
/** The base talks on, and what it says first is what counts. */
const baseTokens = 28;
/** Where any answer of the base is right, its beginning is enough. */
const unscoredTokens = 12;

/** Answers and scores all questions, several at once. Throws `cancelled` when the signal is aborted. */
export async function evaluateArm(
  input: EvaluateArmInput,
  options: { readonly signal?: AbortSignal; readonly report?: (done: number, total: number) => void } = {},
): Promise<ArmResult> {
  const usesAdapter = input.arm !== 'base' && input.arm !== 'prompt';
  const requests = input.questions.map((question): RoutedRequest => toRequest(question, input, usesAdapter));
  const answers = await answerAll(input.model, requests, {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    report: (done) => options.report?.(done, requests.length),
    ...(input.known === undefined ? {} : { known: input.known }),
  });
  const score = (question: Question, index: number): Answer => {
    const given = answers[index];
    if (given === undefined) throw new Error(`The question ${question.id} was left without an answer.`);
    const right = isRight(question, given, input.score);
    const { told } = input;
    const wrong = right ? {} : { expected: question.expected };
    return {
      id: question.id,
      question: question.question,
      answer: given.text,
      right,
      answeredBy: given.answeredBy,
      stopped: given.stopped,
      kind: question.kind,
      group: question.group,
      ...(question.factId === undefined ? {} : { factId: question.factId }),
      ...wrong,
      ...(right || told === undefined
        ? {}
        : { failure: failureOf(question, given, { ...input.score, told }) }),
    };
  };
  const scored = await takeInSlices(mapSteps(input.questions, score));
  return {
    arm: input.arm,
    adapterId: usesAdapter ? input.adapterId : null,
    answers: scored,
    ...summarise(scored, input.questions, { isRouted: !isStandalone(input) }),
  };
}

/** The prompt of a question in an arm; exported so that a test can read what an arm sends. */
export function toRequest(
  question: Question,
  input: Pick<EvaluateArmInput, 'arm' | 'systemText' | 'statementsFor' | 'adapterFile' | 'objective'>,
  usesAdapter: boolean,
): RoutedRequest {
  return {
    messages: promptMessages({
      systemText: input.systemText,
      statements: [...armStatements(question, input), ...(question.bridge ?? [])],
      user: question.question,
    }),
    adapterFile: usesAdapter ? input.adapterFile : null,
    standalone: usesAdapter && isStandalone(input),
    maxTokens: tokensFor(question, input.arm),
    sampling: greedy,
  };
}

function isStandalone({ arm, objective }: Pick<EvaluateArmInput, 'arm' | 'objective'>): boolean {
  return arm === 'standalone' || (objective === 'standalone' && arm !== 'base' && arm !== 'prompt');
}

function tokensFor(question: Question, arm: ArmName): number {
  if (question.kind === 'general') return question.expected.length === 0 ? unscoredTokens : baseTokens;
  if (arm === 'base') return baseTokens;
  // A long value needs room; a token has two letters or more, nearly always.
  const longest = Math.max(0, ...question.expected.map((value) => value.length));
  return factTokens + Math.ceil(longest / 2);
}

function armStatements(
  question: Question,
  input: Pick<EvaluateArmInput, 'arm' | 'statementsFor'>,
): readonly string[] {
  switch (input.arm) {
    case 'base':
    case 'tuned':
    case 'standalone':
      return [];
    case 'prompt':
    case 'both':
    case 'served':
      return input.statementsFor?.(question.question) ?? [];
  }
}
