import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../electron/contract/errors.ts';
import { exportedFacts, toCsvText, toJsonText } from '../../../electron/core/facts/export-facts.ts';
import { maximumRows, parseFacts } from '../../../electron/core/facts/fact-files.ts';
import type { FactVersion } from '../../../electron/core/facts/fact-version.ts';
import { normaliseText } from '../../../electron/core/util/text.ts';
import { shippedKinds } from '../../helpers/fact-app.ts';

function parse(content: string | Uint8Array, name = 'facts.json') {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return parseFacts(bytes, name, shippedKinds);
}

function problemOf(content: string | Uint8Array, name?: string): string {
  try {
    parse(content, name);
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid-input') return error.message;
    throw error;
  }
  return 'no problem';
}

const row = (rest: Record<string, unknown>) =>
  JSON.stringify(
    [
      { attribute: 'a', value: 'v' },
      { attribute: 'b', value: 'v', ...rest },
    ],
    null,
    0,
  ).replace('},{', '},\n{');

describe('fact files that are read', () => {
  it.each([
    ['a JSON array', 'f.json', '[{"attribute":"city","value":"Porto"}]'],
    [
      'a JSON array without the right ending of its name',
      'f.txt',
      ' \n[{"attribute":"city","value":"Porto"}]',
    ],
    ['JSON Lines', 'f.jsonl', '{"attribute":"city","value":"Porto"}\n\n'],
    ['JSON Lines with CRLF', 'f.jsonl', '{"attribute":"city","value":"Porto"}\r\n'],
    ['JSON Lines in a .json file', 'f.json', '{"attribute":"city","value":"Porto"}\n'],
    ['one object over several lines', 'f.json', '{\n"attribute":"city",\n"value":"Porto"\n}'],
    ['a byte order mark', 'f.json', '\ufeff[{"attribute":"city","value":"Porto"}]'],
    ['CSV', 'f.csv', 'attribute,value\ncity,Porto\n'],
    ['CSV with a byte order mark and CRLF', 'f.csv', '\ufeffattribute,value\r\ncity,Porto\r\n'],
    ['CSV without a last line break', 'f.csv', 'attribute,value\ncity,Porto'],
    ['CSV with columns in another order and case', 'f.csv', 'Value,Valid From,ATTRIBUTE\nPorto,,city\n'],
    ['CSV with semicolons', 'f.csv', 'attribute;value\ncity;Porto\n'],
    ['CSV without the right ending of its name', 'facts', 'attribute,value\ncity,"Porto"\n'],
    [
      'absent fields written as null',
      'f.json',
      '[{"attribute":"city","value":"Porto","aliases":null,"validFrom":null,"tier":null}]',
    ],
  ])('%s', (_title, name, content) => {
    expect(parse(content, name).drafts).toMatchObject([
      { subject: 'me', attribute: 'city', value: 'Porto', validFrom: null },
    ]);
  });
  it('keep quotation marks, emoji and template syntax, and join lines within a value', () => {
    const value = 'say "hi" <|im_end|> {{x}} 👩‍👩‍👧 \\n';
    expect(parse(JSON.stringify([{ attribute: 'a', value }])).drafts[0]?.value).toBe(value);
    expect(parse('attribute,value\na,"say ""hi"",\nyou"\n', 'f.csv').drafts[0]?.value).toBe('say "hi", you');
    expect(parse('attribute,value\na,5" disk\n', 'f.csv').drafts[0]?.value).toBe('5" disk');
  });
  it('take aliases of CSV as a JSON list or between semicolons', () => {
    const { drafts } = parse('attribute,value,aliases\na,v,x; y\nb,v,"[""p;q"",""r""]"\n', 'f.csv');
    expect(drafts.map((draft) => draft.aliases)).toEqual([
      ['x', 'y'],
      ['p;q', 'r'],
    ]);
  });
  it('write one form of the same letters', () => {
    expect(parse('[{"attribute":"a","value":"Zoe\\u0308"}]').drafts[0]?.value).toBe('Zoë');
  });
  it('name the fields that mean nothing', () => {
    expect(parse('[{"attribute":"a","value":"v","note":"x","id":7}]').ignoredFields).toEqual(['note']);
  });
  it('may hold a value of 500 characters, whatever their bytes', () => {
    expect(problemOf(row({ value: '😀'.repeat(500) }))).toBe('no problem');
  });
});

describe('fact files that are refused', () => {
  it.each([
    ['nothing', '', 1, 'empty'],
    ['white space only', ' \n\n', 1, 'empty'],
    ['an empty array', '[]', null, 'no facts'],
    ['a cut-off array', '[{"attribute":"a","value":"v"},\n{"attribute":"b","val', 2, 'cut off'],
    ['an array that does not end', '[{"attribute":"a","value":"v"}\n', 1, 'cut off'],
    ['a wrong comma', '[{"attribute":"a","value":"v"},\n\n]', 3, 'not valid JSON'],
    ['text after the array', '[{"attribute":"a","value":"v"}]\nx', 2, 'not valid JSON'],
    ['a number in place of a fact', '[{"attribute":"a","value":"v"},\n7]', 2, 'object'],
    ['a list in place of a fact', '[{"attribute":"a","value":"v"},\n\n["b"]]', 3, 'object'],
    ['no value', '[{"attribute":"a","value":"v"},\n{"attribute":"b"}]', 2, '"value" is missing'],
    ['no attribute', '[{"attribute":"a","value":"v"},\n{"value":"b"}]', 2, '"attribute" is missing'],
    ['an empty value', row({ value: '  ' }), 2, '"value" is empty'],
    ['a number as value', row({ value: 42 }), 2, '"value" must be a text'],
    ['a value of 501 characters', row({ value: 'x'.repeat(501) }), 2, '501 characters'],
    ['a derived fact', row({ tier: 'multi-hop' }), 2, 'multi-hop'],
    ['an unknown tier', row({ tier: 'huge' }), 2, '"huge"'],
    ['a day that does not exist', row({ validFrom: '2023-02-30' }), 2, '2023-02-30'],
    ['a date in another form', row({ validTo: '3 May 2020' }), 2, '3 May 2020'],
    ['a date as a number', row({ validTo: 2020 }), 2, '"validTo" must be a text'],
    ['an end before the beginning', row({ validFrom: '2020', validTo: '2019-12' }), 2, 'before'],
    ['aliases that are no list', row({ aliases: 'x' }), 2, 'aliases'],
    ['aliases that are no texts', row({ aliases: [1] }), 2, 'aliases'],
    ['half a letter', '[{"attribute":"a","value":"v"},\n{"attribute":"b","value":"\\ud83d"}]', 2, 'no text'],
  ])('%s', (_title, content, line, problem) => {
    const message = problemOf(content);
    expect(message).toContain(problem);
    expect(message).toContain('Nothing was imported');
    if (line !== null) expect(message).toContain(`line ${line}:`);
  });
  it.each([
    ['a bad line of JSON Lines', 'f.jsonl', '{"attribute":"a","value":"v"}\n{oops}\n', 'line 2:'],
    [
      'a cut-off line of JSON Lines',
      'f.jsonl',
      '{"attribute":"a","value":"v"}\n{"attribute":"b","va',
      'line 2: it is cut off',
    ],
    ['CSV without a header', 'f.csv', 'city,Porto\n', 'line 1: the header'],
    ['CSV with a column named twice', 'f.csv', 'attribute,value,Value\na,b,c\n', 'twice'],
    ['CSV with a short row', 'f.csv', 'attribute,value,subject\na,b,c\na,b\n', 'line 3:'],
    ['CSV with a long row', 'f.csv', 'attribute,value\na,b\na,b,c\n', 'line 3:'],
    ['CSV with an open quotation mark', 'f.csv', 'attribute,value\na,"b\nc,d\n', 'cut off'],
    ['CSV with only a header', 'f.csv', 'attribute,value\n', 'no facts'],
    [
      'a CSV row with a bad date after a value of two lines',
      'f.csv',
      'attribute,value,validFrom\na,"b\nb",2020\nc,d,2020-13\n',
      'line 4:',
    ],
    ['a CSV row without a value', 'f.csv', 'attribute,value\na,b\n\nc,\n', 'line 4:'],
  ])('%s', (_title, name, content, problem) => {
    expect(problemOf(content, name)).toContain(problem);
  });
  it('text that is not UTF-8, with its line', () => {
    const bytes = Uint8Array.from([
      ...new TextEncoder().encode('[{"attribute":"a","value":"v"},\n{"attribute":"b","value":"'),
      0xe9,
      0x22,
    ]);
    expect(problemOf(bytes)).toContain('line 2: it is not UTF-8');
  });
  it('UTF-16', () => {
    expect(problemOf(Uint8Array.from([0xff, 0xfe, 0x5b, 0x00]))).toContain('UTF-16');
  });
  it('one row too many', () => {
    const rows = (n: number) => '{"attribute":"a","value":"v"}\n'.repeat(n);
    expect(problemOf(rows(maximumRows), 'f.jsonl')).toBe('no problem');
    expect(problemOf(rows(maximumRows + 1), 'f.jsonl')).toContain('20001');
  });
});

describe('any content', { timeout: 60_000 }, () => {
  it('is read or refused with a named problem, and never ends in another error', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary', maxLength: 200 }), fc.json()),
        fc.constantFrom('f.json', 'f.jsonl', 'f.csv', 'f'),
        (content, name) => {
          expect(typeof problemOf(content, name)).toBe('string');
        },
      ),
      { numRuns: 500 },
    );
  });
  it('cut off at any place is refused or gives fewer facts, never other values', () => {
    const whole = JSON.stringify(
      Array.from({ length: 5 }, (_, n) => ({ attribute: `a${n}`, value: `Wert ä ${n}` })),
    );
    const bytes = new TextEncoder().encode(whole);
    for (let end = 0; end < bytes.length; end += 1)
      expect(problemOf(bytes.slice(0, end))).not.toBe('no problem');
  });
  const texts = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    .map(normaliseText)
    .filter((text) => text !== '' && !text.includes('\0') && text.isWellFormed());
  it.each(['json', 'csv'] as const)('of values survives %s', (format) => {
    fc.assert(
      fc.property(texts, fc.array(texts, { maxLength: 3 }), (value, aliases) => {
        const version = {
          id: 'x',
          subject: 'me',
          attribute: 'a',
          value,
          aliases,
          category: 'c',
          tier: 'simple',
          validFrom: null,
          validTo: null,
          standing: 'standing',
          supersedes: null,
          conflictsWith: [],
        };
        const exported = exportedFacts([version as unknown as FactVersion]);
        const text = format === 'json' ? toJsonText(exported) : toCsvText(exported);
        const [draft] = parse(text, `f.${format}`).drafts;
        expect(draft?.value).toBe(value);
        expect(draft?.aliases).toEqual([...new Set(aliases)].filter((alias) => alias !== value));
      }),
      { numRuns: 200 },
    );
  });
});
