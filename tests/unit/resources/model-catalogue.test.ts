import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCatalogue, searchCatalogue } from '../../../electron/core/models/catalogue.ts';
import { estimateMemory, parameterCount } from '../../../electron/core/models/model-fit.ts';
import { resourcesFolder } from '../../helpers/fact-app.ts';

const catalogue = loadCatalogue(resourcesFolder);

describe('the catalogue of models', () => {
  it('holds at least ten bases from 135M to 8B of every family that is trained', () => {
    const sizes = catalogue.map(({ parameters }) => parameters);
    expect(catalogue.length).toBeGreaterThanOrEqual(10);
    expect(Math.min(...sizes)).toBeLessThan(140e6);
    expect(Math.max(...sizes)).toBeGreaterThan(8e9);
    expect([...new Set(catalogue.map(({ architecture }) => architecture))].sort()).toEqual([
      'llama',
      'qwen2',
      'qwen3',
    ]);
  });

  it('names each model and each file once, smallest first', () => {
    const files = catalogue.map(({ source }) => `${source.repository}/${source.file}`);
    expect(new Set(catalogue.map(({ id }) => id)).size).toBe(catalogue.length);
    expect(new Set(files).size).toBe(catalogue.length);
    const sizes = catalogue.map(({ parameters }) => parameters);
    expect(sizes).toEqual([...sizes].sort((left, right) => left - right));
  });

  it('has shapes whose parameters add up to the number that it tells', () => {
    for (const { id, shape, parameters } of catalogue) {
      expect([id, Math.abs(parameterCount(shape) / parameters - 1) < 0.002]).toEqual([id, true]);
    }
  });

  it('has sizes that fit the parameters and the quantisation', () => {
    const bits: Readonly<Record<string, readonly [number, number]>> = {
      Q4_1: [5, 6],
      Q4_K_M: [4.7, 8],
      Q8_0: [8.4, 8.7],
    };
    for (const { id, sizeBytes, parameters, quantisation } of catalogue) {
      const [low, high] = bits[quantisation] ?? [0, 0];
      const found = (8 * sizeBytes) / parameters;
      expect([id, found > low && found < high]).toEqual([id, true]);
    }
  });

  it('tells the memory that the estimate gives (else: node scripts/fill-catalogue.mjs)', () => {
    for (const { id, shape, sizeBytes, quantisation, memory } of catalogue) {
      const { chat, train, trainFrugal } = estimateMemory({ shape, fileBytes: sizeBytes, quantisation });
      expect([id, memory]).toEqual([
        id,
        {
          chatBytes: chat.totalBytes,
          trainBytes: train.totalBytes,
          trainFrugalBytes: trainFrugal.totalBytes,
        },
      ]);
    }
  });

  it('tells the limits of each licence in one sentence', () => {
    for (const { licence } of catalogue) expect(licence.limits).toMatch(/^[A-Z].{20,}\.$/u);
    const limits = (id: string): string => catalogue.find((entry) => entry.id === id)?.licence.limits ?? '';
    expect(limits('llama-3.2-1b')).toContain('700 million');
    expect(limits('qwen2.5-3b')).toContain('no commercial use');
  });

  it('has a hash or says that the hub is asked, and knows the default model for certain', () => {
    const raw = JSON.parse(readFileSync(join(resourcesFolder, 'model-catalogue.json'), 'utf8')) as {
      models: { id: string; sha256: string }[];
    };
    for (const { sha256 } of raw.models) expect(sha256).toMatch(/^([0-9a-f]{64}|ask the hub)$/u);
    expect(catalogue.find(({ id }) => id === 'smollm2-135m')).toMatchObject({
      sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
      sizeBytes: 98_362_432,
      isSizeApproximate: false,
    });
  });

  it('is searched by words, whatever their case and order', () => {
    const ids = (query: string): string[] => searchCatalogue(catalogue, query).map(({ id }) => id);
    expect(ids('')).toHaveLength(catalogue.length);
    expect(ids('QWEN3 8b')).toEqual(['qwen3-8b']);
    expect(ids('research')).toEqual(['qwen2.5-3b']);
    expect(ids('nothing-like-this')).toEqual([]);
  });
});
