import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { beginsAsGguf, findFileIdentity, hashFile } from '../../../electron/core/models/file-identity.ts';
import { appErrorOf } from '../../helpers/errors.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

function aFile(content: string | Buffer = 'content'): string {
  const file = join(tempFolder(), 'model ü.gguf');
  writeFileSync(file, content);
  return file;
}

describe('the identity of a file', () => {
  it('stays the same while nothing happens', () => {
    const file = aFile();
    expect(findFileIdentity(file)).toBe(findFileIdentity(file));
  });

  it('changes with size, time and inode', () => {
    const file = aFile('12345');
    utimesSync(file, 100, 100);
    const identity = findFileIdentity(file);
    writeFileSync(file, '123456');
    utimesSync(file, 100, 100);
    const withSize = findFileIdentity(file);
    writeFileSync(file, '12345');
    utimesSync(file, 100, 200);
    const withTime = findFileIdentity(file);
    writeFileSync(`${file}.new`, '12345');
    utimesSync(`${file}.new`, 100, 100);
    renameSync(`${file}.new`, file);
    const withInode = findFileIdentity(file);
    expect(new Set([identity, withSize, withTime, withInode]).size).toBe(4);
  });

  it('is none for what is not there or not a file', () => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'sub'));
    expect(findFileIdentity(join(folder, 'missing'))).toBeUndefined();
    expect(findFileIdentity(join(folder, 'sub'))).toBeUndefined();
    expect(findFileIdentity(join(aFile(), 'below a file'))).toBeUndefined();
  });
});

describe('the hash of a file', () => {
  it('is its SHA-256 and is reported as it is read', async () => {
    const content = Buffer.alloc(2_500_000, 7);
    const reports: number[] = [];
    const hash = await hashFile(aFile(content), { report: (bytes) => reports.push(bytes) });
    expect(hash).toBe(createHash('sha256').update(content).digest('hex'));
    expect(reports.at(-1)).toBe(content.length);
    expect(reports.length).toBeGreaterThan(1);
  });

  it('stops when it is told to', async () => {
    const file = aFile();
    expect(await appErrorOf(() => hashFile(file, { signal: AbortSignal.abort() }))).toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('the beginning of a GGUF', () => {
  it.each([
    ['GGUF\u0003', true],
    ['GGUF', true],
    ['GGU', false],
    ['', false],
    ['gguf', false],
    ['PK\u0003\u0004GGUF', false],
  ])('%j: %s', (content, expected) => {
    expect(beginsAsGguf(aFile(content))).toBe(expected);
  });
});
