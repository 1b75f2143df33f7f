/** Does a merged model still know what base + adapter know? The same questions, greedy, side by side. */
import type { Question } from '../../contract/entities/evaluation.ts';
import type { MergedRecall } from '../../contract/entities/interchange.ts';
import type { LoadedModel } from '../dependencies.ts';
import { promptMessages } from '../models/prompt.ts';
import { answerAll, greedy, type RoutedAnswer } from '../models/routing.ts';
import { toRate } from './metrics.ts';
import { isRight, type ScoreContext } from './score-answer.ts';

export type MergedRecallInput = {
  readonly base: LoadedModel;
  readonly adapterFile: string;
  readonly merged: LoadedModel;
  /** Recall and abstention; general questions are not compared. */
  readonly questions: readonly Question[];
  readonly systemText: string;
  readonly score: ScoreContext;
};

/** Above this the file is offered with a clear word only; what an honest F16 merge may lose. */
const largeLossPoints = 2;
const longestAnswer = 64;

/** Asks both and counts. Throws `cancelled` when the signal is aborted. */
export async function compareRecall(
  input: MergedRecallInput,
  options: { readonly signal?: AbortSignal; readonly report?: (done: number, total: number) => void } = {},
): Promise<MergedRecall> {
  const total = input.questions.length * 2;
  const ask = (model: LoadedModel, adapterFile: string | null, before: number): Promise<RoutedAnswer[]> =>
    answerAll(
      model,
      input.questions.map((question) => ({
        messages: promptMessages({ systemText: input.systemText, user: question.question }),
        adapterFile,
        maxTokens: longestAnswer,
        sampling: greedy,
      })),
      {
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        report: (done) => options.report?.(before + done, total),
      },
    );
  const adapter = await ask(input.base, input.adapterFile, 0);
  const merged = await ask(input.merged, null, input.questions.length);
  const right = (answers: readonly RoutedAnswer[]): number =>
    input.questions.filter((question, index) => {
      const answer = answers[index];
      return answer !== undefined && isRight(question, answer, input.score);
    }).length;
  const count = input.questions.length;
  const adapterRate = toRate(right(adapter), count);
  const mergedRate = toRate(right(merged), count);
  const same = adapter.filter((answer, index) => answer.text === merged[index]?.text).length;
  const lossPoints = 100 * ((adapterRate.rate ?? 0) - (mergedRate.rate ?? 0));
  return {
    adapter: adapterRate,
    merged: mergedRate,
    same: toRate(same, count),
    lossPoints,
    isLarge: lossPoints > largeLossPoints,
  };
}
