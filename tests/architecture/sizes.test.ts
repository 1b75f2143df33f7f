import { expect, it } from 'vitest';
import { listSourceFiles, readSource } from './source-tree.ts';

const limit = 400;
const sources = listSourceFiles().filter((path) => /\.(ts|tsx|mjs|js|css|cpp|h|py)$/.test(path));

it(`no source file is longer than ${limit} lines`, () => {
  const tooLong = sources
    .map((path) => ({ path, lines: readSource(path).trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > limit)
    .map(({ path, lines }) => `${path} has ${lines} lines: split it by idea (one idea per file).`);
  expect(tooLong).toEqual([]);
});

it('the shell around the page stays under 300 lines in all', () => {
  const lines = sources
    .filter((path) => path.startsWith('electron/hosts/desktop/'))
    .map((path) => readSource(path).trimEnd().split('\n').length);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.reduce((sum, each) => sum + each, 0)).toBeLessThan(300);
});

it('source files are named in kebab-case', () => {
  const named = sources.filter((path) => {
    const name = path.split('/').at(-1) ?? '';
    return !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(name) && !path.endsWith('.py');
  });
  expect(named).toEqual([]);
});
