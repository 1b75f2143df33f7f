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
