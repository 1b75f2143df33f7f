/**
 * A sample as the worker reads it: token ids of the prompt, the answer and the end-of-turn token, one weight each.
 *
 * Weight 0 before the answer, above 0 on the answer AND the end-of-turn token. A pass sample has only the latter.
 */
import type { Sample } from '../../contract/entities/training.ts';
import type { LoadedModel, TokenId } from '../dependencies.ts';

export type TokenisedSample = {
  readonly tokens: readonly TokenId[];
  readonly weights: readonly number[];
  readonly kind: Sample['kind'];
  readonly epochs?: readonly number[];
};

/** Renders and tokenises one sample with the very function that serves. */
export function renderSample(
  sample: Sample,
  model: Pick<LoadedModel, 'encodePrompt' | 'encodeText' | 'endOfTurn'>,
  passWeight = 1,
): TokenisedSample {
  const prompt = model.encodePrompt(sample.messages);
  const answer = sample.answer === '' ? [] : model.encodeText(sample.answer);
  const tokens = [...prompt, ...answer, model.endOfTurn];
  const answerWeight = sample.answer === '' ? passWeight : 1;
  const weights = tokens.map((_token, index) => (index < prompt.length ? 0 : answerWeight));
  return {
    tokens,
    weights,
    kind: sample.kind,
    ...(sample.epochs === undefined ? {} : { epochs: sample.epochs }),
  };
}
