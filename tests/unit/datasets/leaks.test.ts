import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPools } from '../../../electron/core/datasets/pools.ts';
import {
  findWorstPair,
  jaccard,
  leakLimit,
  maskValues,
  toGrams,
} from '../../../electron/core/datasets/similarity.ts';
import { loadTemplates, type Form } from '../../../electron/core/variations/templates.ts';
import { resourcesDir } from '../../helpers/a-fact.ts';

const pools = loadPools(resourcesDir);
const templates = loadTemplates(resourcesDir);

function questions(name: string): { question: string; label?: string; aliases?: string[] }[] {
  const text = readFileSync(join(resourcesDir, 'benchmarks', `${name}.jsonl`), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { question: string; label?: string; aliases?: string[] });
}

const slots = ['{label}', "{subject's}", '{subject}', '{value}', '{decoy}', '{is}', '{was}'];
const mask = (form: Form): string => maskValues(form.me, slots);
const plain = (texts: readonly string[]): string[] => texts.map((text) => maskValues(text, []));

function report(name: string, worst: { left: string; right: string; similarity: number }): void {
  process.stdout.write(
    `${name}: worst pair ${worst.similarity.toFixed(2)}: "${worst.left}" / "${worst.right}"\n`,
  );
}

describe('training and evaluation material', () => {
  it('share no pass prompt: worst pair at most .6', () => {
    const asked = [...questions('general'), ...questions('advice')].map((each) => each.question);
    const worst = findWorstPair(plain(pools.passPrompts.map((each) => each.text)), plain(asked));
    report('pass prompts and evaluation', worst);
    expect(worst.similarity).toBeLessThanOrEqual(leakLimit);
  });

  it('share no unknown attribute, aliases included', () => {
    const names = (each: { label?: string; aliases?: string[] }): string[] =>
      [each.label ?? '', ...(each.aliases ?? [])].map((name) => name.toLowerCase());
    const test = new Set([...questions('unknown'), ...questions('bridge')].flatMap(names));
    const train = [...pools.unknownAttributes, ...pools.bridgeFacts]
      .flatMap(names)
      .filter((name) => name !== '');
    expect(train.filter((name) => test.has(name))).toEqual([]);
  });

  it('share no wording of a kind: worst pair at most .6', () => {
    let overall = { left: '', right: '', similarity: 0 };
    for (const forms of templates.natural.values()) {
      const worst = findWorstPair(
        forms.filter((form) => form.split !== 'test').map(mask),
        forms.filter((form) => form.split === 'test').map(mask),
      );
      if (worst.similarity > overall.similarity) overall = worst;
    }
    report('natural wordings', overall);
    expect(overall.similarity).toBeLessThanOrEqual(leakLimit);
  });

  it('share no general form: worst pair at most .6', () => {
    const worst = findWorstPair(
      templates.general.filter((form) => form.split !== 'test').map(mask),
      templates.general.filter((form) => form.split === 'test').map(mask),
    );
    report('general forms', worst);
    expect(worst.similarity).toBeLessThanOrEqual(leakLimit);
  });
});

describe('similarity', () => {
  it('is 1 for the same text, 0 for nothing in common, and symmetric', () => {
    const left = toGrams('what is my job');
    const right = toGrams('what is my jab');
    expect([jaccard(left, left), jaccard(left, toGrams('zzzzzzzz'))]).toEqual([1, 0]);
    expect(jaccard(left, right)).toBe(jaccard(right, left));
  });

  it('masks values before it compares', () => {
    expect(maskValues('Is Ana my sister?', ['Ana'])).toBe('is # my sister');
  });
});
