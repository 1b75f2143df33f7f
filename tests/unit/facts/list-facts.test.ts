import { describe, expect, it } from 'vitest';
import { parseSearch } from '../../../electron/core/facts/fact-search.ts';
import type { FactListRequest } from '../../../electron/contract/entities/fact-list.ts';
import { appErrorOf } from '../../helpers/errors.ts';
import { createFactApp } from '../../helpers/fact-app.ts';

/** Facts in several alphabets, with history, a secret and a derived one. */
function aStore() {
  const { facts } = createFactApp();
  facts.add({ attribute: 'city', value: 'São Paulo', validTo: '2019' });
  facts.add({ attribute: 'city', value: 'Łódź' });
  facts.add({ attribute: 'hobby', value: '東京タワーの写真' });
  facts.add({ attribute: 'hobby', value: 'fishing 🎣 at dawn' });
  facts.add({ attribute: 'partner', value: 'Jordan' });
  facts.add({ subject: 'Jordan', attribute: 'job', value: 'teacher "C++" OR NOT' });
  facts.add({ attribute: 'safe code', value: '4711', neverTrain: true, aliases: ['forty-seven eleven'] });
  facts.add({ attribute: 'motto', value: 'привет мир', category: 'words' });
  const list = (request: FactListRequest): string[] =>
    facts.listPage(request).facts.map(({ fact }) => fact.value);
  return { facts, list };
}

describe('a search of facts', () => {
  const { list } = aStore();
  it.each([
    ['sao pau', ['São Paulo']],
    ['SÃO', ['São Paulo']],
    ['  paulo   são ', ['São Paulo']],
    ['Your city', ['São Paulo', 'Łódź']],
    ['タワー', ['東京タワーの写真']],
    ['東京', ['東京タワーの写真']],
    ['🎣', ['fishing 🎣 at dawn']],
    ['fish 🎣', ['fishing 🎣 at dawn']],
    ['🎸', []],
    ['приве', ['привет мир']],
    ["Jordan's job", ['teacher "C++" OR NOT', 'teacher "C++" OR NOT']],
    ['"teacher"', ['teacher "C++" OR NOT', 'teacher "C++" OR NOT']],
    ['forty', ['4711']],
    ['2019', ['São Paulo']],
    ['words', ['привет мир']],
    ['eacher', []],
  ])('for %j finds %j', (search, values) => {
    expect(list({ search })).toEqual(values);
  });

  it('for nothing finds all, and for a mark that stands nowhere finds none', () => {
    expect(list({ search: '   ' })).toHaveLength(list({}).length);
    expect(list({ search: '%' })).toEqual([]);
    expect(list({ search: '"' })).toHaveLength(2);
  });

  it.each([
    '"',
    '""',
    '"unclosed',
    'a AND',
    'NOT x',
    'x OR',
    '*',
    'x*',
    '^x',
    'value:x',
    '{value} : x',
    '-x',
    'NEAR(a b, 2)',
    '(',
    ')',
    "'",
    "'; DROP TABLE facts; --",
    '\\',
    '\u0000',
    '\ud800',
    '‮abc',
    'x'.repeat(2000),
    'a '.repeat(1000),
    '+',
    '´',
    '́',
  ])('is never an error: %j', (search) => {
    expect(() => list({ search })).not.toThrow();
  });

  it('takes every word as a beginning, and fillers only where there is nothing else', () => {
    expect(parseSearch('Your cat is Luna').match).toBe('"cat"* AND "luna"*');
    expect(parseSearch('is').match).toBe('"is"*');
  });
});

describe('a filter of facts', () => {
  const { facts, list } = aStore();
  it.each([
    [{ tier: ['temporal'] }, 2],
    [{ tier: ['multi-hop'] }, 1],
    [{ tier: ['temporal', 'multi-hop'] }, 3],
    [{ category: ['WORDS'] }, 1],
    [{ subject: 'jordan' }, 1],
    [{ subject: 'Me', attribute: 'City' }, 2],
    [{ attribute: 'Safe-Code' }, 1],
    [{ current: false }, 1],
    [{ neverTrain: true }, 1],
    [{ neverTrain: true, current: false }, 0],
    [{ search: 'teacher', tier: ['multi-hop'] }, 1],
  ] as const)('%j fits %i', (filter, n) => {
    const request = JSON.parse(JSON.stringify(filter)) as FactListRequest; // plain, not read-only
    const page = facts.listPage({ ...request, limit: 1 });
    expect([page.total, page.facts.length]).toEqual([n, Math.min(n, 1)]);
  });

  it('sorts without regard to case and accents, dates that are not there last', () => {
    expect(list({ subject: 'me', sort: 'value', category: ['words', 'location', 'hobbies'] })[0]).not.toBe(
      '',
    );
    expect(list({ sort: 'valid-to' })[0]).toBe('São Paulo');
    expect(list({ sort: 'valid-to', order: 'descending' }).at(-1)).toBe('São Paulo');
  });
});

describe('the pages of a list', () => {
  const sorts = [
    'added',
    'value',
    'subject',
    'category',
    'tier',
    'state',
    'valid-from',
    'statement',
  ] as const;
  it.each(
    sorts.flatMap(
      (sort) =>
        [
          [sort, 'ascending'],
          [sort, 'descending'],
        ] as const,
    ),
  )('by %s, %s, show every fact once while others are told', (sort, order) => {
    const { facts } = createFactApp();
    for (let n = 0; n < 40; n += 1)
      facts.add({ subject: `P${n % 7}`, attribute: `a${n}`, value: `v${n % 5}` });
    facts.add({ attribute: 'partner', value: 'P3' });
    const before = new Set(facts.list().map((fact) => fact.id));
    const seen: string[] = [];
    let cursor: string | null | undefined = undefined;
    for (let page = 0; cursor !== null; page += 1) {
      const found = facts.listPage({ sort, order, limit: 7, ...(cursor !== undefined && { cursor }) });
      seen.push(...found.facts.map(({ fact }) => fact.id));
      cursor = found.nextCursor;
      facts.add({ subject: `P${page}`, attribute: `new ${page}`, value: `v${page}` });
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect([...before].filter((id) => !seen.includes(id))).toEqual([]);
  });

  it('go on after the last one although it was forgotten meanwhile', () => {
    const { facts } = createFactApp();
    for (const n of [1, 2, 3, 4]) facts.add({ attribute: `a${n}`, value: `v${n}` });
    const first = facts.listPage({ sort: 'value', limit: 2 });
    const last = first.facts[1]?.fact.id ?? '';
    facts.removeRows(facts.planRemoval([last]));
    const rest = facts.listPage({ sort: 'value', limit: 2, cursor: first.nextCursor ?? '' });
    expect(rest.facts.map(({ fact }) => fact.value)).toEqual(['v3', 'v4']);
    expect(rest.nextCursor).toBeNull();
  });

  it.each(['', 'x', 'WyJhZGRlZCJd', Buffer.from('["value","ascending","v",1]').toString('base64url')])(
    'refuse a cursor that is none of theirs: %j',
    async (cursor) => {
      const { facts } = createFactApp();
      expect((await appErrorOf(() => facts.listPage({ sort: 'added', cursor }))).code).toBe('invalid-input');
    },
  );
});
