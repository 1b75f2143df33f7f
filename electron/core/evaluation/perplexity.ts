/** How well an adapter still speaks the base's language: perplexity on shipped prose, with and without it. */
import type { Perplexity } from '../../contract/entities/evaluation.ts';
import type { LoadedModel, Trainer } from '../dependencies.ts';
import type { Passage } from './benchmarks.ts';

/** Scores the passages as plain text, without a chat template. Throws `cancelled` when the signal is aborted. */
export async function measurePerplexity(
  input: {
    readonly trainer: Pick<Trainer, 'score'>;
    readonly model: LoadedModel;
    readonly adapterFile: string;
    readonly passages: readonly Passage[];
  },
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Perplexity> {
  const sequences = input.passages.map(({ id, text }) => {
    const tokens = input.model.encodeText(text);
    return { id, tokens, weights: tokens.map((_token, index) => (index === 0 ? 0 : 1)) };
  });
  const scores = await input.trainer.score(
    { baseFile: input.model.file, adapterFile: input.adapterFile, sequences },
    options,
  );
  const sum = (valueOf: (score: (typeof scores)[number]) => number): number =>
    scores.reduce((total, score) => total + valueOf(score), 0);
  const tokens = sum((score) => score.tokens);
  const base = Math.exp(-sum((score) => score.logProbBase) / tokens);
  const tuned = Math.exp(-sum((score) => score.logProb) / tokens);
  return {
    tokens,
    base,
    tuned,
    ratio: tuned / base,
    divergence: sum((score) => score.divergence * score.tokens) / tokens,
  };
}
