import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../electron/contract/entities/training.ts';
import type { LoadedModel } from '../../../electron/core/dependencies.ts';
import { recipeFor } from '../../../electron/core/training/recipe.ts';
import {
  countEpochs,
  renderSamples,
  toRunConfig,
  type RunConfigInput,
} from '../../../electron/core/training/run-config.ts';
import { writeSamples } from '../../../electron/core/training/write-samples.ts';
import { takeAll, takeInSlices } from '../../../electron/core/util/slices.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const endOfTurn = 2;

/** A model whose tokens are code points, with one special token before the assistant's turn. */
const model = {
  encodePrompt: (messages: readonly { content: string }[]) => [
    ...codesOf(messages.map((each) => each.content).join('')),
    1,
  ],
  encodeText: (text: string) => codesOf(text),
  endOfTurn,
} as unknown as LoadedModel;

/** Keeps the process busy for so many milliseconds. */
function spend(time: number): void {
  for (const begun = performance.now(); performance.now() - begun < time;);
}

function codesOf(text: string): number[] {
  return Array.from(text, (letter) => letter.codePointAt(0) ?? 0);
}

function aSample(part: Partial<Sample> = {}): Sample {
  return {
    kind: 'fact',
    messages: [{ role: 'user', content: 'ab' }],
    answer: 'xyz',
    factIds: [],
    family: 'f',
    split: 'train',
    ...part,
  };
}

describe('a general sample', () => {
  it('is held to the base over its answer, with its own weight', () => {
    const recipe = { ...recipeFor('standalone', 135e6), generalWeight: 3 };
    const [general, fact] = renderSamples([aSample({ kind: 'general' }), aSample()], model, recipe);
    expect(general).toMatchObject({ loss: 'kl', weights: [0, 0, 0, 3, 3, 3, 3] });
    expect(fact?.weights).toEqual([0, 0, 0, 1, 1, 1, 1]);
    expect(fact).not.toHaveProperty('loss');
  });

  it('whose answer is empty is no pass', () => {
    const recipe = { ...recipeFor('standalone', 135e6), generalWeight: 3, passWeight: 7 };
    const [general] = renderSamples([aSample({ kind: 'general', answer: '' })], model, recipe);
    expect(general).toMatchObject({ loss: 'kl', weights: [0, 0, 0, 3] });
  });
});

const input: RunConfigInput = {
  runId: 'run-1',
  baseFile: '/models/base.gguf',
  baseSha256: 'aa',
  backendsDir: '/backends',
  backends: ['/plugins/libggml-vulkan.so'],
  device: 'auto',
  deviceChecksFile: '/data/device-checks.json',
  threads: 2,
  folder: '/runs/run-1',
  output: '/adapters/a.gguf',
  recipe: recipeFor('routed', 135e6),
  seed: 42,
  epochs: 3,
  datasetSha256: 'bb',
  parentAdapterId: null,
  initAdapter: null,
  gemm: 'auto',
  steps: 900,
};

describe('a run configuration', () => {
  it('has the keys of the protocol and nothing in camelCase', () => {
    expect(Object.keys(toRunConfig(input)).filter((key) => !/^[a-z0-9_]+$/.test(key))).toEqual([]);
  });

  it('leaves the choice of the device to the worker unless one is named', () => {
    expect(toRunConfig(input)).toMatchObject({
      device: 'auto',
      backends: ['/plugins/libggml-vulkan.so'],
      self_test_cache: '/data/device-checks.json',
    });
    expect(toRunConfig({ ...input, device: 'cpu' })).toMatchObject({ device: 'cpu' });
  });

  it('keeps everything of a run in its folder, but for the adapter', () => {
    const { dataset, probes, checkpoint, output } = toRunConfig(input);
    expect([dataset, probes, checkpoint, output]).toEqual([
      '/runs/run-1/dataset.jsonl',
      '/runs/run-1/probes.jsonl',
      '/runs/run-1/checkpoint',
      '/adapters/a.gguf',
    ]);
  });

  it('takes its numbers from the recipe and always goes on from a checkpoint', () => {
    const recipe = recipeFor('paper', 7e9);
    expect(toRunConfig({ ...input, recipe })).toMatchObject({
      rank: 64,
      alpha: 128,
      learning_rate: 3e-4,
      final_lr_fraction: 0.1,
      batch_size: 8,
      average_last: 0,
      epochs: 3,
      seed: 42,
      resume: true,
    });
  });

  it('writes into the adapter what it came from, as text', () => {
    expect(toRunConfig(input).metadata).toEqual({
      'keepsake.run_id': 'run-1',
      'keepsake.objective': 'routed',
      'keepsake.base_hash': 'aa',
      'keepsake.dataset_hash': 'bb',
      'keepsake.recipe': 'routed',
      'keepsake.parent_adapter': '',
    });
  });
});

describe('samples for the trainer', () => {
  const recipe = { ...recipeFor('routed', 135e6), passWeight: 2 };

  it('weigh the answer and the end of the turn, and nothing before', () => {
    expect(renderSamples([aSample()], model, recipe)).toEqual([
      {
        tokens: [...codesOf('ab'), 1, ...codesOf('xyz'), endOfTurn],
        weights: [0, 0, 0, 1, 1, 1, 1],
        kind: 'fact',
      },
    ]);
  });

  it('teach a pass by the end of the turn alone, with the weight of the recipe', () => {
    const pass = aSample({ kind: 'pass', answer: '', epochs: [1] });
    expect(renderSamples([pass], model, recipe)).toEqual([
      { tokens: [...codesOf('ab'), 1, endOfTurn], weights: [0, 0, 0, 2], kind: 'pass', epochs: [1] },
    ]);
  });

  it('are written line by line, and count once for each pass in which they take part', () => {
    const samples = [aSample({ epochs: [0, 2] }), aSample({ kind: 'unknown' })];
    const file = join(tempFolder(), 'dataset.jsonl');
    const options = { model, recipe, epochs: countEpochs(samples), isNumbered: false };
    const counts = takeAll(writeSamples(file, samples, options));
    expect(counts).toEqual({ fact: 2 * 7, unknown: 3 * 7, pass: 0, bridge: 0, general: 0 });
    const rows = renderSamples(samples, model, recipe);
    expect(readFileSync(file, 'utf8')).toBe(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    takeAll(writeSamples(file, samples, { ...options, isNumbered: true }));
    expect(readFileSync(file, 'utf8')).toBe(
      rows.map((row, index) => `${JSON.stringify({ id: String(index), ...row })}\n`).join(''),
    );
  });

  it('are all in a file that is longer than one block', () => {
    const samples = Array.from({ length: 3_000 }, (_unused, index) => aSample({ answer: `value ${index}` }));
    const file = join(tempFolder(), 'dataset.jsonl');
    takeAll(writeSamples(file, samples, { model, recipe, epochs: 3, isNumbered: false }));
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines).toEqual(renderSamples(samples, model, recipe).map((row) => JSON.stringify(row)));
  });

  it('are no longer written once that is stopped', async () => {
    const samples = Array.from({ length: 100 }, () => aSample());
    const slow = { ...model, encodeText: (text: string) => (spend(2), codesOf(text)) };
    const file = join(tempFolder(), 'dataset.jsonl');
    const stop = new AbortController();
    const writing = takeInSlices(
      writeSamples(file, samples, { model: slow, recipe, epochs: 1, isNumbered: false }),
      stop,
    );
    setImmediate(() => stop.abort());
    expect(await writing.catch((error: unknown) => error)).toMatchObject({ code: 'cancelled' });
  });
});

describe('the number of passes', () => {
  it('is that of the last one that a sample names', () => {
    expect(
      [[], [aSample()], [aSample({ epochs: [0] }), aSample({ epochs: [4, 1] })]].map(countEpochs),
    ).toEqual([1, 1, 5]);
  });

  it('is found among more samples than a call takes arguments', () => {
    const samples = new Array<Sample>(300_000).fill(aSample({ epochs: [2] }));
    expect(countEpochs(samples)).toBe(3);
  });
});
