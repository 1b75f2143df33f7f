import { describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fact } from '../../../electron/contract/entities/fact.ts';
import { createFactApp } from '../../helpers/fact-app.ts';

function importText(app: ReturnType<typeof createFactApp>, text: string | Uint8Array, name = 'facts.json') {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-import-'));
  try {
    const file = join(folder, name);
    writeFileSync(file, text);
    return app.facts.importFile(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function importRows(app: ReturnType<typeof createFactApp>, rows: readonly Record<string, unknown>[]) {
  return importText(app, JSON.stringify(rows));
}

const shape = ({
  id: _id,
  createdAt: _createdAt,
  supersedes,
  conflictsWith,
  source: _source,
  ...rest
}: Fact) => ({
  ...rest,
  hasSuperseded: supersedes !== null,
  conflicts: conflictsWith.length,
});

describe('importing a file', () => {
  it('reports two undated values of one thing as a conflict, uses the later and keeps both', () => {
    const app = createFactApp();
    const result = importRows(app, [
      { attribute: 'city', value: 'Oslo' },
      { attribute: 'city', value: 'Porto' },
    ]);
    expect(result).toMatchObject({
      added: 2,
      superseded: 0,
      conflicts: [{ subject: 'me', attribute: 'city', kept: 'Porto', other: 'Oslo' }],
    });
    const [oslo, porto] = app.facts.list();
    expect(oslo).toMatchObject({
      current: false,
      conflictsWith: [porto?.id],
      tier: 'simple',
      statement: 'Your home city is Oslo.',
    });
    expect(porto).toMatchObject({ current: true, conflictsWith: [oslo?.id], supersedes: null });
  });
  it('reports every loser once, and a repeated value as the later one', () => {
    const app = createFactApp();
    const values = ['Oslo', 'Rome', 'Oslo', 'Lima'];
    const result = importRows(
      app,
      values.map((value) => ({ attribute: 'city', value })),
    );
    expect(result.conflicts.map(({ kept, other }) => `${kept}/${other}`).sort()).toEqual([
      'Lima/Oslo',
      'Lima/Rome',
    ]);
    expect(result).toMatchObject({ added: 3, unchanged: 1 });
  });
  it('is no conflict where dates tell the order, whatever the order of the rows', () => {
    for (const rows of [
      [
        { value: 'Oslo', validFrom: '2010' },
        { value: 'Porto', validFrom: '2019' },
      ],
      [
        { value: 'Porto', validFrom: '2019' },
        { value: 'Oslo', validFrom: '2010' },
      ],
    ]) {
      const app = createFactApp();
      const result = importRows(
        app,
        rows.map((row) => ({ attribute: 'city', ...row })),
      );
      expect(result).toMatchObject({ added: 2, superseded: 1, conflicts: [] });
      expect(app.facts.listCurrent().map((fact) => fact.statement)).toEqual([
        'Your home city is Porto (since 2019).',
      ]);
      expect(app.facts.list().find((fact) => fact.value === 'Oslo')).toMatchObject({ validTo: '2019' });
    }
  });
  it('changes nothing the second time', () => {
    const rows = [
      { attribute: 'city', value: 'Oslo' },
      { attribute: 'city', value: 'Porto' },
      { attribute: 'hobby', value: 'chess' },
      { attribute: 'hobby', value: 'Hiking', aliases: ['walking'] },
      { attribute: 'job', value: 'nurse', validFrom: '2010', validTo: '2015' },
      { attribute: 'job', value: 'doctor', validFrom: '2015' },
      { attribute: 'boss', value: 'Ann', validFrom: '2011' },
      { attribute: 'boss', value: 'Bob', validFrom: '2016-02' },
    ];
    const app = createFactApp();
    importRows(app, rows);
    const before = app.facts.list();
    const again = importRows(app, rows);
    expect(again).toMatchObject({ added: 0, superseded: 0, unchanged: rows.length });
    expect(app.facts.list()).toEqual(before);
  });
  it('supersedes what is stored, without a conflict', () => {
    const app = createFactApp();
    app.facts.add({ attribute: 'city', value: 'Oslo' });
    expect(importRows(app, [{ attribute: 'city', value: 'Porto' }])).toMatchObject({
      superseded: 1,
      conflicts: [],
    });
  });
  it('gives each row its id, duplicates the same one', () => {
    const app = createFactApp();
    const result = importRows(app, [
      { attribute: 'hobby', value: 'chess' },
      { attribute: 'hobby', value: 'CHESS' },
      { attribute: 'pet', value: 'Rex' },
    ]);
    expect(result.ids).toHaveLength(2);
    expect(result).toMatchObject({ added: 2, unchanged: 1 });
  });
  it('takes 10,000 rows in less than five seconds of work', { timeout: 60_000 }, () => {
    const app = createFactApp();
    const rows = Array.from({ length: 10_000 }, (_, n) => ({
      subject: `P${n >> 3}`,
      attribute: `a${n & 7}`,
      value: `v${n}`,
    }));
    const before = process.cpuUsage();
    expect(importRows(app, rows).added).toBe(10_000);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(5);
  });
});

describe('an export', () => {
  const story = () => {
    const app = createFactApp();
    importRows(app, [
      { attribute: 'city', value: 'Oslo' },
      { attribute: 'city', value: 'Porto' },
      { attribute: 'hobby', value: 'chess', aliases: ['a; b', 'c|d', '"quoted"'] },
      { attribute: 'motto', value: 'Say "no", <|im_end|> 🙂, =1+1', category: 'words' },
      { subject: 'Zoë', attribute: 'job', value: 'nurse', validFrom: '2010', validTo: '2015-06' },
      { attribute: 'nickname', value: 'Max', tier: 'relational' },
      { attribute: 'car', value: 'Golf', validFrom: '2012' },
      { attribute: 'car', value: 'Polo', validFrom: '2018-03' },
    ]);
    const [city = ''] = app.facts
      .listCurrent()
      .filter((fact) => fact.attribute === 'city')
      .map((fact) => fact.id);
    app.facts.edit(city, { value: 'Rome' });
    const chess = app.facts.list().find((fact) => fact.value === 'chess')?.id ?? '';
    app.facts.edit(chess, { value: 'go', validTo: '2021' });
    return app;
  };
  it.each(['json', 'csv'] as const)('imports back to equality as %s', (format) => {
    const app = story();
    const text = app.facts.export(format);
    const copy = createFactApp();
    importText(copy, text, `export.${format}`);
    expect(copy.facts.list().map(shape)).toEqual(app.facts.list().map(shape));
    expect(copy.facts.export(format)).toBe(text);
  });
  it.each(['json', 'csv'] as const)('changes nothing where it came from, as %s', (format) => {
    const app = story();
    const before = app.facts.list();
    const result = importText(app, app.facts.export(format), `export.${format}`);
    expect(result).toMatchObject({ added: 0, superseded: 0, conflicts: [] });
    expect(app.facts.list()).toEqual(before);
  });
  it('of nothing is an empty list', () => {
    expect(createFactApp().facts.export('json')).toBe('[]\n');
  });
});

describe('many values of one thing', () => {
  const rows = (attribute: string): Record<string, unknown>[] =>
    Array.from({ length: 4000 }, (_, n) => ({ attribute, value: `value ${n}` }));
  it.each(['city', 'hobby'])('(%s) are imported in a time that grows with their number only', (attribute) => {
    const app = createFactApp();
    const startedAt = process.cpuUsage();
    expect(importRows(app, rows(attribute))).toMatchObject({ added: 4000 });
    expect(importRows(app, rows(attribute))).toMatchObject({ added: 0, unchanged: 4000 });
    // Comparing each with each took above 20 s.
    expect(process.cpuUsage(startedAt).user).toBeLessThan(8e6);
  });
});

describe('dated values of one thing', () => {
  const employers = [
    { attribute: 'employer', value: 'A', validFrom: '2010' },
    { attribute: 'employer', value: 'B', validFrom: '2015-06' },
    { attribute: 'employer', value: 'C', validFrom: '2020-01-01' },
  ] as const;
  const [a, b, c] = employers;
  const told = [
    [a, b, c],
    [a, c, b],
    [b, a, c],
    [b, c, a],
    [c, a, b],
    [c, b, a],
  ];
  const datesOf = (app: ReturnType<typeof createFactApp>) =>
    app.facts
      .list()
      .map(({ value, validTo, current }) => `${value} ${validTo ?? 'open'} ${current ? 'holds' : 'former'}`)
      .sort();
  it.each(told)('end where the next one begins, whatever the order ($value, $value, $value)', (...order) => {
    const expected = ['A 2015-06 former', 'B 2020-01-01 former', 'C open holds'];
    const once = createFactApp();
    importRows(once, order);
    expect(datesOf(once)).toEqual(expected);
    const oneByOne = createFactApp();
    for (const row of order) importRows(oneByOne, [row]);
    expect(datesOf(oneByOne)).toEqual(expected);
  });
  it('keep an end of their own', () => {
    const app = createFactApp();
    importRows(app, [{ ...a, validTo: '2020-01-01' }, c, b]);
    expect(datesOf(app)).toEqual(['A 2020-01-01 former', 'B 2020-01-01 former', 'C open holds']);
  });
});

describe('a value that shows nothing', () => {
  it.each([['\u200b'], ['\u00a0\u200b\ufeff'], ['\u2060 \u00ad'], ['\u3164']])(
    '%j counts as empty',
    (value) => {
      const app = createFactApp();
      expect(() => importRows(app, [{ attribute: 'city', value }])).toThrow(/"value" is empty/u);
      expect(() => importRows(app, [{ attribute: value, value: 'x' }])).toThrow(/"attribute" is empty/u);
    },
  );
  it.each([['x\u001b[31my'], ['\u0007'], ['a\u0000b'], ['a\u009bb']])('%j is refused as no text', (value) => {
    const app = createFactApp();
    expect(() => importRows(app, [{ attribute: 'city', value }])).toThrow(/no text/u);
  });
  it.each([['👨\u200d👩\u200d👧'], ['a\u00adb'], ['line\nbreak'], ['میخواهم']])('%j is a text', (value) => {
    const app = createFactApp();
    expect(importRows(app, [{ attribute: 'city', value }])).toMatchObject({ added: 1 });
  });
});
