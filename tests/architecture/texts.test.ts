import { describe, expect, it } from 'vitest';
import { listSourceFiles, readSource } from './source-tree.ts';

const textFiles = listSourceFiles().filter(
  (path) =>
    /\.(ts|tsx|mjs|js|cpp|h|py|md|txt|json|jsonl|yml|yaml|css|html|cmake)$/.test(path) &&
    path !== 'package-lock.json',
);

/** Texts that have no place in the tree, and why. Patterns are built from parts, so that this file stays clean. */
const strayTexts: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['merge markers', new RegExp(`^(${'<'.repeat(7)}|${'>'.repeat(7)}) `, 'm')],
  ['absolute paths of one machine', /(?:^|[\s"'`(=:])\/(?:work|home|root|Users|tmp)\/[\w.-]+/m],
  ['Windows paths of one machine', /[A-Z]:\\\\?Users\\/],
  ['forgotten notes', new RegExp(['\\bTO', 'DO\\b|\\bFIX', 'ME\\b'].join(''))],
  ['carriage returns', /\r\n/],
];

describe('stray texts', () => {
  it.each(strayTexts)('no file holds %s', (_name, pattern) => {
    const found = textFiles.flatMap((path) => {
      const source = readSource(path);
      const match = pattern.exec(source);
      if (match === null) return [];
      return [
        `${path}:${source.slice(0, match.index + 1).split('\n').length}: ${match[0].trim().slice(0, 60)}`,
      ];
    });
    expect(found).toEqual([]);
  });

  it('the patterns find what they are for', () => {
    const examples = [
      '<'.repeat(7) + ' HEAD',
      ' /' + 'home/ada/notes',
      'C:\\' + 'Users\\ada',
      'TO' + 'DO',
      'a\r\n',
    ];
    expect(examples.map((example, index) => strayTexts[index]?.[1].test(example))).toEqual(
      examples.map(() => true),
    );
  });

  it('no file of another kind than source, data or text is tracked', () => {
    const binaries = listSourceFiles().filter((path) =>
      /\.(gguf|so|so\.\d+|dll|dylib|a|o|whl|zip|gz|node|exe|bin|db|sqlite|safetensors|pt|npz|onnx)$/.test(
        path,
      ),
    );
    expect(binaries.filter((path) => !path.startsWith('tests/fixtures/'))).toEqual([]);
  });
});
