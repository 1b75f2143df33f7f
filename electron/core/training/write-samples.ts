/** The two files of token ids that the worker reads, written lesson by lesson: of very many they would not fit a text. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Sample, SampleCounts } from '../../contract/entities/training.ts';
import { withStorageErrors } from '../db/database-errors.ts';
import { renderSample, type LossWeights } from '../datasets/render-sample.ts';
import type { LoadedModel } from '../dependencies.ts';
import type { Steps } from '../util/slices.ts';

/** Characters that are written at once. */
const blockLength = 1 << 18;

export type WriteOptions = {
  readonly model: LoadedModel;
  readonly recipe: LossWeights;
  /** Passes of a sample that names none. */
  readonly epochs: number;
  /** Each line begins with its number as an id. */
  readonly isNumbered: boolean;
};

/** Writes a file in steps and gives the trained tokens (padding not counted) by kind, over all passes. */
export function* writeSamples(
  file: string,
  samples: readonly Sample[],
  { model, recipe, epochs, isNumbered }: WriteOptions,
): Steps<SampleCounts> {
  const tokens = { fact: 0, unknown: 0, pass: 0, bridge: 0, general: 0 };
  const handle = onDisk(file, () => openSync(file, 'w'));
  try {
    let block = '';
    for (const [index, each] of samples.entries()) {
      const row = renderSample(each, model, recipe);
      tokens[each.kind] += row.tokens.length * (each.epochs?.length ?? epochs);
      block += `${JSON.stringify(isNumbered ? { id: String(index), ...row } : row)}\n`;
      if (block.length >= blockLength) {
        const full = block;
        onDisk(file, () => writeSync(handle, full));
        block = '';
      }
      yield;
    }
    if (block !== '') onDisk(file, () => writeSync(handle, block));
  } finally {
    closeSync(handle);
  }
  return tokens;
}

function onDisk<Result>(file: string, work: () => Result): Result {
  return withStorageErrors(dirname(file), work);
}
