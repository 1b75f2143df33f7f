import { describe, expect, it } from 'vitest';
import type { ModelShape } from '../../../electron/contract/entities/model.ts';
import {
  adapterParameters,
  estimateMemory,
  judgeFit,
  parameterCount,
} from '../../../electron/core/models/model-fit.ts';

const smolLm: ModelShape = {
  layerCount: 30,
  embeddingLength: 576,
  feedForwardLength: 1536,
  headCount: 9,
  headCountKv: 3,
  headLength: 64,
  vocabularySize: 49_152,
  contextLength: 8192,
  isHeadTied: true,
};
const fileBytes = 98_362_432;

describe('the memory of a model', () => {
  it('counts the parameters of SmolLM2-135M to a thousandth', () => {
    expect(Math.abs(parameterCount(smolLm) / 134_515_008 - 1)).toBeLessThan(0.001);
  });

  it('counts an adapter of rank 16 as its file has it', () => {
    // 30 layers x 16 x (q 1152, k and v 768 each, output 1152, gate, up and down 2112 each)
    expect(adapterParameters(smolLm, 16)).toBe(4_884_480);
  });

  it('agrees with the measured training of SmolLM2-135M within 15 %', () => {
    // 935 MB peak of a run of 2,543 samples on two threads with BF16 products.
    const { train } = estimateMemory({ shape: smolLm, fileBytes, train: { threads: 2, path: 'bf16' } });
    expect(Math.abs(train.totalBytes / 935e6 - 1)).toBeLessThan(0.15);
  });

  it('needs more for longer samples, a higher rank, F32 products and more threads', () => {
    const bytes = (train: Parameters<typeof estimateMemory>[0]['train']): number =>
      estimateMemory({ shape: smolLm, fileBytes, train: { path: 'bf16', ...train } }).train.totalBytes;
    const usual = bytes({});
    expect(bytes({ sampleTokens: 1024 })).toBeGreaterThan(usual);
    expect(bytes({ rank: 64 })).toBeGreaterThan(usual);
    expect(bytes({ path: 'f32' })).toBeGreaterThan(usual);
    expect(bytes({ threads: 8 })).toBeGreaterThan(usual);
  });

  it('asks for no longer context than the model has', () => {
    const at = (contextTokens: number): number =>
      estimateMemory({ shape: { ...smolLm, contextLength: 1024 }, fileBytes, chat: { contextTokens } }).chat
        .totalBytes;
    expect(at(100_000)).toBe(at(1024));
  });

  it('agrees with the measured chat of SmolLM2-135M within 15 %, and counts a second layout where one is made', () => {
    // 575 MB peak of a process that filled a context with the adapter and one with the base.
    const chatBytes = (quantisation: string, device?: 'gpu'): number =>
      estimateMemory({ shape: smolLm, fileBytes, quantisation, ...(device && { device }) }).chat.totalBytes;
    expect(Math.abs(chatBytes('Q4_1') / 575e6 - 1)).toBeLessThan(0.15);
    // 106 million linear weights of 4.5 bits.
    expect(chatBytes('Q4_0') - chatBytes('Q4_1')).toBe(Math.round((106_168_320 * 4.5) / 8));
    expect(chatBytes('Q4_K_M')).toBeLessThan(chatBytes('Q4_K_S'));
    expect(chatBytes('Q4_K_M', 'gpu')).toBe(chatBytes('Q4_1', 'gpu'));
  });

  it('adds up', () => {
    for (const { totalBytes, ...parts } of Object.values(estimateMemory({ shape: smolLm, fileBytes }))) {
      expect(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)).toBe(totalBytes);
    }
  });

  it('says yes, slowly or no at the very byte', () => {
    const memory = estimateMemory({ shape: smolLm, fileBytes, train: { path: 'f32' } });
    expect(memory.trainFrugal.totalBytes).toBeLessThan(memory.train.totalBytes);
    expect(judgeFit(memory, memory.train.totalBytes)).toEqual({ chat: 'yes', train: 'yes' });
    expect(judgeFit(memory, memory.train.totalBytes - 1).train).toBe('slowly');
    expect(judgeFit(memory, memory.trainFrugal.totalBytes).train).toBe('slowly');
    expect(judgeFit(memory, memory.trainFrugal.totalBytes - 1).train).toBe('no');
    expect(judgeFit(memory, memory.chat.totalBytes - 1).chat).toBe('no');
  });
});
