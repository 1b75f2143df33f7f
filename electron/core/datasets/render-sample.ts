/**
 * A sample as the worker reads it: token ids of the prompt, the answer and the end-of-turn token, one weight each.
 *
 * Weight 0 before the answer, above 0 on the answer AND the end-of-turn token. A pass sample has only the latter. A
 * general sample is not trained towards its tokens but held to the base's distribution over them.
 */
import type { Sample } from '../../contract/entities/training.ts';
import type { LoadedModel, TokenId } from '../dependencies.ts';

export type TokenisedSample = {
  readonly tokens: readonly TokenId[];
  readonly weights: readonly number[];
  readonly kind: Sample['kind'];
  /** Absent: cross-entropy to the tokens. */
  readonly loss?: 'kl';
  readonly epochs?: readonly number[];
};

/** Loss weight of a token of the answer, where it is not 1. */
export type LossWeights = {
  /** Of the single answer token of a pass sample. */
  readonly passWeight: number;
  /** Of each answer token of a general sample. */
  readonly generalWeight: number;
};

/** Renders and tokenises one sample with the very function that serves. */
export function renderSample(
  sample: Sample,
  model: Pick<LoadedModel, 'encodePrompt' | 'encodeText' | 'endOfTurn'>,
  { passWeight, generalWeight }: LossWeights = { passWeight: 1, generalWeight: 1 },
): TokenisedSample {
  const prompt = model.encodePrompt(sample.messages);
  const answer = sample.answer === '' ? [] : model.encodeText(sample.answer);
  const tokens = [...prompt, ...answer, model.endOfTurn];
  const isGeneral = sample.kind === 'general';
  const answerWeight = isGeneral ? generalWeight : sample.answer === '' ? passWeight : 1;
  const weights = tokens.map((_token, index) => (index < prompt.length ? 0 : answerWeight));
  return {
    tokens,
    weights,
    kind: sample.kind,
    ...(isGeneral ? { loss: 'kl' } : {}),
    ...(sample.epochs === undefined ? {} : { epochs: sample.epochs }),
  };
}
