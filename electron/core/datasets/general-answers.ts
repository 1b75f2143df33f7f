/**
 * What a base itself says to the general prompts of the recipe `standalone`: asked once, kept for each base.
 *
 * Prompts and answers are about nobody, so they may be kept with the base models and outlive every fact.
 */
import type { Database } from 'better-sqlite3';
import type { Progress } from '../../contract/entities/job.ts';
import type { BaseModel } from '../../contract/entities/model.ts';
import { withStorageErrors } from '../db/database-errors.ts';
import type { ModelRuntime } from '../dependencies.ts';
import { promptMessages } from '../models/prompt.ts';
import { answerAll, greedy } from '../models/routing.ts';
import { hashText256 } from './canonical.ts';
import { generalAnswerTokens } from './general-samples.ts';
import type { PassPrompt } from './pools.ts';

export type GeneralAnswersInput = {
  readonly db: Database;
  readonly runtime: ModelRuntime;
  readonly systemText: string;
  /** For the sentence when the disk is full. */
  readonly dataFolder: string;
};

export type GeneralAnswersResult = {
  /** Prompts whose answers are there now. */
  readonly kept: number;
  /** Of these, asked just now. */
  readonly asked: number;
};

export type GeneralAnswers = ReturnType<typeof createGeneralAnswers>;

/** Answers written down together: what a stop can lose. */
const batchSize = 16;

/** Use cases of the base's general answers. */
export function createGeneralAnswers(input: GeneralAnswersInput) {
  const insert = input.db.prepare(
    'INSERT OR REPLACE INTO general_answers (base_sha256, prompt_sha256, answer) VALUES (?, ?, ?)',
  );
  const select = input.db
    .prepare('SELECT answer FROM general_answers WHERE base_sha256 = ? AND prompt_sha256 = ?')
    .pluck();
  const keyOf = (prompt: PassPrompt): string =>
    hashText256(JSON.stringify([input.systemText, prompt.text, generalAnswerTokens]));

  /** Answers by prompt id; prompts that were not asked yet are not among them. */
  function find(base: Pick<BaseModel, 'sha256'>, prompts: readonly PassPrompt[]): Map<string, string> {
    return new Map(
      prompts.flatMap((prompt) => {
        const answer = select.get(base.sha256, keyOf(prompt));
        return typeof answer === 'string' ? [[prompt.id, answer] as const] : [];
      }),
    );
  }

  return {
    find,
    /** Asks what is missing, a few at a time: a stop keeps what was answered. Throws `cancelled`. */
    complete: async (
      base: BaseModel,
      prompts: readonly PassPrompt[],
      options: { readonly signal: AbortSignal; readonly report: (progress: Progress) => void },
    ): Promise<GeneralAnswersResult> => {
      const known = find(base, prompts);
      const open = prompts.filter((prompt) => !known.has(prompt.id));
      const report = (done: number): void =>
        options.report({
          done: known.size + done,
          total: prompts.length,
          unit: 'questions',
          title: 'Asking the base model in general',
        });
      if (open.length === 0) return { kept: prompts.length, asked: 0 };
      report(0);
      const model = await input.runtime.load(base.file, { signal: options.signal });
      for (let first = 0; first < open.length; first += batchSize) {
        const batch = open.slice(first, first + batchSize);
        const requests = batch.map((prompt) => ({
          messages: promptMessages({ systemText: input.systemText, user: prompt.text }),
          adapterFile: null,
          maxTokens: generalAnswerTokens,
          sampling: greedy,
        }));
        const answers = await answerAll(model, requests, {
          signal: options.signal,
          report: (done) => report(first + done),
        });
        withStorageErrors(input.dataFolder, () =>
          input.db.transaction(() => {
            for (const [index, prompt] of batch.entries())
              insert.run(base.sha256, keyOf(prompt), answers[index]?.text ?? '');
          })(),
        );
      }
      return { kept: prompts.length, asked: open.length };
    },
  };
}
