import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isNewEnough } from '../../../scripts/lib/node-program.mjs';
import { packagesForHere } from '../../../scripts/lib/steps/node-modules.mjs';
import { modelCacheFolder } from '../../../scripts/lib/paths.mjs';
import { countCtest, countVitest } from '../../../scripts/lib/runners.mjs';
import { withSetupLock } from '../../../scripts/lib/setup-lock.mjs';
import { hashFile, hashText, hashTree, readStamp, writeStamp } from '../../../scripts/lib/stamps.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keepsake set-up ä-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the set-up lock', () => {
  it('lets one in after the other', async () => {
    const lock = join(folder, 'setup.lock');
    const seen: string[] = [];
    let leave = (): void => undefined;
    const first = withSetupLock(lock, async () => {
      seen.push('first in');
      await new Promise<void>((resolve) => {
        leave = resolve;
      });
      seen.push('first out');
    });
    const second = withSetupLock(lock, () => Promise.resolve(seen.push('second in')), {
      onWait: () => leave(),
    });
    await Promise.all([first, second]);
    expect(seen).toEqual(['first in', 'first out', 'second in']);
    expect(existsSync(lock)).toBe(false);
  });

  it('takes over a lock whose owner has died', async () => {
    const lock = join(folder, 'setup.lock');
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    writeFileSync(lock, JSON.stringify({ pid: child.pid, started: '1', host: hostname() }));
    expect(await withSetupLock(lock, () => Promise.resolve('done'))).toBe('done');
  });

  it('takes over a lock whose process id now belongs to another process', async () => {
    const lock = join(folder, 'setup.lock');
    writeFileSync(lock, JSON.stringify({ pid: process.pid, started: 'another time', host: hostname() }));
    let hasWaited = false;
    const onWait = (): void => {
      hasWaited = true;
      rmSync(lock);
    };
    await withSetupLock(lock, () => Promise.resolve(), { onWait });
    // Only Linux tells when a process started; elsewhere the lock waits for the process to end.
    expect(hasWaited).toBe(process.platform !== 'linux');
  });

  it('is given back when the work fails', async () => {
    const lock = join(folder, 'setup.lock');
    const work = withSetupLock(lock, () => Promise.reject(new Error('the step failed')));
    await expect(work).rejects.toThrow('the step failed');
    expect(existsSync(lock)).toBe(false);
  });
});

describe('stamps', () => {
  it('the hash of a tree changes with a name, a content and a new file, and with nothing else', () => {
    mkdirSync(join(folder, 'src'));
    writeFileSync(join(folder, 'src', 'a.cpp'), 'one');
    const before = hashTree(folder, ['src', 'absent.txt']);
    expect(hashTree(folder, ['src', 'absent.txt'])).toBe(before);
    writeFileSync(join(folder, 'src', 'a.cpp'), 'two');
    const changed = hashTree(folder, ['src', 'absent.txt']);
    writeFileSync(join(folder, 'src', 'b.cpp'), '');
    const added = hashTree(folder, ['src', 'absent.txt']);
    writeFileSync(join(folder, 'absent.txt'), '');
    expect(new Set([before, changed, added, hashTree(folder, ['src', 'absent.txt'])]).size).toBe(4);
  });

  it('a file has the hash of its text', async () => {
    writeFileSync(join(folder, 'a.txt'), 'abc');
    expect(await hashFile(join(folder, 'a.txt'))).toBe(hashText('abc'));
    expect(hashText('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('a stamp is read back, and a missing or broken one is no stamp', () => {
    const path = join(folder, 'deep', 'stamp.json');
    expect(readStamp(path)).toBeUndefined();
    writeStamp(path, { inputs: 'x' });
    expect(readStamp(path)).toEqual({ inputs: 'x' });
    writeFileSync(path, '{"inp');
    expect(readStamp(path)).toBeUndefined();
  });
});

describe('counting tests', () => {
  it('counts passed, failed and skipped tests, and a file that did not load as one failure', () => {
    const test = (status: string): { readonly status: string } => ({ status });
    const report = {
      testResults: [
        {
          status: 'failed',
          assertionResults: [test('passed'), test('failed'), test('pending'), test('todo')],
        },
        { status: 'failed', assertionResults: [] },
        { status: 'passed', assertionResults: [test('passed')] },
      ],
    };
    expect(countVitest(report)).toEqual({ passed: 2, failed: 2, skipped: 2 });
    expect(countVitest(undefined)).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });

  it("reads ctest's own numbers", () => {
    const xml =
      '<?xml version="1.0"?>\n<testsuite name="x"\n\ttests="9"\n\tfailures="2"\n\tdisabled="1"\n\tskipped="1"\n>';
    expect(countCtest(xml)).toEqual({ passed: 5, failed: 2, skipped: 2 });
    expect(countCtest('')).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });
});

describe('the machine', () => {
  it('knows which Node can run the application', () => {
    expect(isNewEnough({ node: '24.21.0', napi: '10' })).toBe(true);
    expect(isNewEnough({ node: '22.18.0', napi: '10' })).toBe(true);
    expect(isNewEnough({ node: '22.17.1', napi: '10' })).toBe(false);
    expect(isNewEnough({ node: '20.20.2', napi: '9' })).toBe(false);
  });

  it('keeps models in the cache folder that the user configured, if its path is absolute', () => {
    expect(modelCacheFolder({ XDG_CACHE_HOME: folder })).toBe(join(folder, 'keepsake', 'models'));
    expect(modelCacheFolder({ XDG_CACHE_HOME: 'relative' })).toMatch(/\.cache[\\/]keepsake[\\/]models$/);
  });
});

describe('the packages that belong on this machine', () => {
  const elsewhere = { cpu: [process.arch === 'x64' ? 'arm64' : 'x64'], optional: true };

  it('are those that the project leads to, nested ones first', () => {
    const packages = {
      '': { dependencies: { a: '1' }, devDependencies: { b: '1' } },
      'node_modules/a': { dependencies: { c: '1' } },
      'node_modules/a/node_modules/c': {},
      'node_modules/b': {},
      'node_modules/c': {},
    };
    expect(Object.keys(packagesForHere(packages)).sort()).toEqual([
      'node_modules/a',
      'node_modules/a/node_modules/c',
      'node_modules/b',
    ]);
  });

  it('are without those of other systems, and without what only those need', () => {
    const packages = {
      '': { dependencies: { a: '1' } },
      'node_modules/a': { optionalDependencies: { other: '1', here: '1' } },
      'node_modules/other': { ...elsewhere, dependencies: { helper: '1', shared: '1' } },
      'node_modules/here': { optional: true, dependencies: { shared: '1' } },
      'node_modules/helper': { optional: true },
      'node_modules/shared': { optional: true },
    };
    expect(Object.keys(packagesForHere(packages)).sort()).toEqual([
      'node_modules/a',
      'node_modules/here',
      'node_modules/shared',
    ]);
  });
});
