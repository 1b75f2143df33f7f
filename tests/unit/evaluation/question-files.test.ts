import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadBenchmarks } from '../../../electron/core/evaluation/benchmarks.ts';
import { parseQuestions, readQuestionFile } from '../../../electron/core/evaluation/question-file.ts';
import { resourcesFolder } from '../../helpers/fact-app.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const good = '{"id":"1","question":"Where?","expected":["Porto"],"kind":"recall"}';

describe('a question file of one’s own', () => {
  it('is read with defaults, BOM and CRLF', () => {
    expect(parseQuestions(`\uFEFF${good}\r\n\r\n`, 'mine')).toEqual([
      { id: '1', question: 'Where?', expected: ['Porto'], forbidden: [], kind: 'recall', group: 'custom' },
    ]);
  });
  it.each([
    ['no JSON', '{'],
    ['another shape', '[]'],
    ['no question', '{"id":"2","question":" ","kind":"recall","expected":["x"]}'],
    ['an unknown kind', '{"id":"2","question":"?","kind":"other"}'],
    ['a repeated id', good],
    ['recall without an expected answer', '{"id":"2","question":"?","kind":"recall"}'],
  ])('is refused for %s with the line', (_what, line) => {
    expect(() => parseQuestions(`${good}\n${line}`, 'mine')).toThrow(/^Line 2 of mine/);
  });
  it('is refused when it is empty, missing or no text', () => {
    const folder = tempFolder();
    const file = join(folder, 'q.jsonl');
    expect(() => readQuestionFile(file)).toThrow(/cannot be read/);
    writeFileSync(file, '\n');
    expect(() => readQuestionFile(file)).toThrow(/no questions/);
    writeFileSync(file, Buffer.from([0xff, 0xfe, 0x41]));
    expect(() => readQuestionFile(file)).toThrow(/not UTF-8/);
  });
});

describe('the shipped question files', () => {
  it('are as many as the report needs', () => {
    const { general, advice, unknown, otherPeople, bridge } = loadBenchmarks(resourcesFolder);
    expect(general.filter((each) => each.expected.length > 0).length).toBeGreaterThanOrEqual(100);
    expect(advice.length).toBeGreaterThanOrEqual(40);
    expect(unknown.length).toBeGreaterThanOrEqual(50);
    expect(otherPeople.length).toBeGreaterThanOrEqual(40);
    expect(bridge.length).toBeGreaterThanOrEqual(40);
  });

  it.each(['general', 'advice', 'unknown', 'other-people', 'bridge'])(
    'are an error when %s is missing, empty or changed by one byte',
    (name) => {
      const folder = tempFolder();
      for (const part of ['benchmarks', 'abstention.json']) {
        cpSync(join(resourcesFolder, part), join(folder, part), { recursive: true });
      }
      const file = join(folder, 'benchmarks', `${name}.jsonl`);
      expect(loadBenchmarks(folder).general.length).toBeGreaterThan(0);
      writeFileSync(file, '{}\n', { flag: 'a' });
      expect(() => loadBenchmarks(folder)).toThrow(/not the shipped file/);
      writeFileSync(file, '');
      expect(() => loadBenchmarks(folder)).toThrow(/empty/);
      rmSync(file);
      expect(() => loadBenchmarks(folder)).toThrow(/cannot be used/);
    },
  );

  it('are an error without their manifest or the list of abstentions', () => {
    const folder = tempFolder();
    cpSync(join(resourcesFolder, 'benchmarks'), join(folder, 'benchmarks'), { recursive: true });
    expect(() => loadBenchmarks(folder)).toThrow(/abstention/);
    cpSync(join(resourcesFolder, 'abstention.json'), join(folder, 'abstention.json'));
    rmSync(join(folder, 'benchmarks', 'manifest.json'));
    expect(() => loadBenchmarks(folder)).toThrow(/manifest/);
  });
});
