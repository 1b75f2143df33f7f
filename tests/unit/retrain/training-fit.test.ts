import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../electron/core/dependencies.ts';
import { estimateTime } from '../../../electron/core/retrain/time-estimate.ts';
import { assertTrainingFits } from '../../../electron/core/retrain/training-fit.ts';
import { appErrorOf } from '../../helpers/errors.ts';

const machine = (availableBytes: number, freeDisk = 1e12): Machine => ({
  memory: () => ({ totalBytes: 64e9, availableBytes }),
  productPath: 'bf16',
  threads: 2,
  platform: 'linux x64',
  processor: 'none',
  freeDiskBytes: () => freeDisk,
});
const ask = (
  free: number,
  part: { freeDisk?: number; measuredBytes?: number | null; tokens?: number } = {},
) =>
  assertTrainingFits({
    base: { file: '/nowhere.gguf', sizeBytes: 1e8, quantisation: 'Q4_1', name: 'Tiny' },
    rank: 16,
    threads: 2,
    machine: machine(free, part.freeDisk),
    folder: '/data',
    tokens: part.tokens ?? 1000,
    measuredBytes: part.measuredBytes ?? 9e8,
  });

describe('a training and what is free', () => {
  it('leaves the chat model loaded where both fit, and lets it go where only the training does', () => {
    expect(ask(4e9)).toMatchObject({
      sharing: 'coexist',
      neededBytes: 9e8,
      basis: 'measured',
      frugal: false,
    });
    expect(ask(1e9).sharing).toBe('exclusive');
  });

  it('that does not fit is refused with both numbers', async () => {
    const memory = await appErrorOf(() => ask(5e8));
    expect([memory.code, memory.message]).toEqual([
      'not-enough-memory',
      'Cannot train on Tiny: it needs 900 MB of memory at least, 500 MB are free.',
    ]);
    const many = await appErrorOf(() => ask(2e9, { tokens: 25e6 }));
    expect([many.code, many.message]).toEqual([
      'not-enough-memory',
      'Cannot train on Tiny: it needs 2.5 GB of memory at least (1.6 GB for the lessons of very many facts), 2.0 GB are free.',
    ]);
    const disk = await appErrorOf(() => ask(4e9, { freeDisk: 1000 }));
    expect([disk.code, disk.message.includes('1 MB are free in /data')]).toEqual(['disk-full', true]);
  });
});

describe('the time of a training', () => {
  const question = {
    tokens: 70_000,
    device: 'cpu/bf16',
    threads: 2,
    productPath: 'bf16' as const,
    weights: 134e6,
  };

  it('comes from earlier trainings where there are some', () => {
    const runs = [
      { tokensPerSecond: 700, device: 'cpu/bf16' },
      { tokensPerSecond: 350, device: 'cpu/bf16' },
      { tokensPerSecond: 9000, device: 'cuda/bf16' },
    ];
    const time = estimateTime({ ...question, runs });
    expect(time).toMatchObject({
      basis: 'measured',
      text: '350 to 700 tokens/s in 2 earlier trainings on this base',
    });
    expect([Math.round(time.lowSeconds), Math.round(time.highSeconds)]).toEqual([87, 230]);
  });

  it('is a guess that says so where there are none', () => {
    const time = estimateTime({ ...question, runs: [] });
    expect(time.basis).toBe('estimate');
    expect(time.lowSeconds).toBeLessThan(100);
    expect(time.highSeconds).toBeGreaterThan(300);
    expect(time.text).toContain('guess');
  });
});
