import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { factDraft, type FactDraft } from '../../../electron/contract/entities/fact.ts';
import { extractFacts } from '../../../electron/core/facts/extract.ts';
import { findKind } from '../../../electron/core/facts/kinds.ts';
import { matchKey } from '../../../electron/core/util/text.ts';
import { kinds } from '../../helpers/a-fact.ts';

const keptSet = z.array(z.object({ text: z.string(), facts: z.array(factDraft) })).parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'extraction', 'sentences.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown),
);

const keyOf = (draft: FactDraft): string =>
  [
    draft.subject ?? 'me',
    findKind(kinds, draft.attribute)?.id ?? matchKey(draft.attribute),
    matchKey(draft.value).replace(/^(?:a|an|the) /u, ''),
    draft.validFrom ?? '',
    draft.validTo ?? '',
  ].join(' | ');

describe('the kept set of sentences', () => {
  const read = keptSet.map(({ text, facts }) => {
    const wanted = facts.map(keyOf);
    const found = extractFacts(text, kinds).found.map(({ draft }) => keyOf(draft));
    return { text, wanted, found, right: found.filter((key) => wanted.includes(key)) };
  });
  const sum = (count: (each: (typeof read)[number]) => number): number =>
    read.reduce((total, each) => total + count(each), 0);

  it('has 60 sentences with facts and 40 without', () => {
    expect([keptSet.length, keptSet.filter((each) => each.facts.length === 0).length]).toEqual([100, 40]);
  });

  it('is read with a precision of at least .90 and a recall of at least .60, and nothing from the 40', () => {
    const right = sum((each) => each.right.length);
    const found = sum((each) => each.found.length);
    const wanted = sum((each) => each.wanted.length);
    process.stdout.write(
      `extraction: precision ${right}/${found} = ${(right / found).toFixed(3)}, recall ${right}/${wanted} = ${(right / wanted).toFixed(3)}\n`,
    );
    expect(read.filter((each) => each.wanted.length === 0).flatMap((each) => each.found)).toEqual([]);
    expect(right / found).toBeGreaterThanOrEqual(0.9);
    expect(right / wanted).toBeGreaterThanOrEqual(0.6);
  });
});

const read = (text: string): string[] => extractFacts(text, kinds).found.map(({ draft }) => keyOf(draft));

describe('what is no statement about oneself', () => {
  const lines = readFileSync(
    join(import.meta.dirname, '..', '..', 'fixtures', 'extraction', 'nothing.txt'),
    'utf8',
  );
  it.each(lines.trim().split('\n'))('gives nothing: %s', (line) => {
    expect(read(line)).toEqual([]);
  });

  it.each([
    ['a mail that is quoted', '> I live in Oslo.'],
    ['somebody else in a transcript', 'Tom: I live in Oslo.\nAna Lopez: My cat is called Luna.'],
    ['a speech of several sentences', 'She said: “I live in Oslo. My cat is called Luna. I love it.”'],
    ['code', 'const my = { cat: "Luna" }; // my cat is not called "Luna"'],
    ['an order', 'Write a story in which I live in Oslo.\nPretend that my cat is called Luna.'],
    ['nothing', ' \n\t\n...'],
  ])('gives nothing: %s', (_name, text) => {
    expect(read(text)).toEqual([]);
  });
});

describe('a statement', () => {
  it('is quoted word for word, also with other apostrophes and bullets', () => {
    const text = '- I’m  allergic to peanuts!\r\n• My cat’s name is “Luna”.  Bye.';
    const { found } = extractFacts(text, kinds);
    expect(found.map(({ quote }) => quote)).toEqual([
      '- I’m  allergic to peanuts!',
      '• My cat’s name is “Luna”.',
    ]);
    expect(found.every(({ quote }) => text.includes(quote))).toBe(true);
  });

  it.each([
    ['Since 2020, I have lived in Utrecht.', ['me | home-city | utrecht | 2020 | ']],
    ['Me: my cat is called luna', ['me | cat | luna |  | ']],
    ['Please remember that my dog is called Rex.', ['me | dog | rex |  | ']],
    ["My sister's birthday is on 5 May.", ['my sister | birthday | 5 may |  | ']],
    ['My daughter is allergic to eggs.', ['my daughter | allergy | eggs |  | ']],
    [
      'My doctor is Dr. Marchetti. I live in St. Gallen.',
      ['me | doctor | dr. marchetti |  | ', 'me | home-city | st. gallen |  | '],
    ],
    ['My favourite cheese is Comté.', ['me | favourite cheese | comté |  | ']],
    [
      'My grandfather Zbigniew lived in Lwów until 1946.',
      ['me | grandfather | zbigniew |  | ', 'Zbigniew | home-city | lwów |  | 1946'],
    ],
  ])('is read: %s', (text, facts) => {
    expect(read(text)).toEqual(facts);
  });

  it('gives no fact with a date that does not exist', () => {
    expect(read('I moved to Lisbon on 31 February 2023.')).toEqual([]);
  });
});
