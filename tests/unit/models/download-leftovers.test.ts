import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { clearDownloadLocks } from '../../../electron/core/models/download-leftovers.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

describe('locks of downloads', () => {
  it('go where the file has its final name, and stay where a part of it is there', () => {
    const folder = tempFolder();
    const at = (name: string): string => join(folder, 'hub', name);
    mkdirSync(join(folder, 'hub'));
    for (const name of ['done.gguf', 'done.gguf.partial.lock', 'half.gguf.partial', 'half.gguf.partial.lock'])
      writeFileSync(at(name), '');
    for (const name of ['again.gguf', 'again.gguf.partial', 'again.gguf.partial.lock'])
      writeFileSync(at(name), '');
    clearDownloadLocks(folder);
    const left = ['done.gguf', 'done.gguf.partial.lock', 'half.gguf.partial.lock', 'again.gguf.partial.lock'];
    expect(left.map((name) => existsSync(at(name)))).toEqual([true, false, true, true]);
  });

  it('are looked for in no folder that is not there', () => {
    expect(() => {
      clearDownloadLocks(join(tempFolder(), 'nowhere'));
    }).not.toThrow();
  });
});
