import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acquireDataLock, isDataLocked } from '../../../electron/platform/data-lock.ts';
import {
  createDataFolders,
  dataPaths,
  defaultDataFolder,
  modelCacheFolder,
} from '../../../electron/platform/data-paths.ts';
import { backendsFolder, workerProgram } from '../../../electron/platform/program-paths.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

describe('places', () => {
  it('are where the system keeps such things', () => {
    expect(defaultDataFolder({ XDG_DATA_HOME: '/x' }, 'linux')).toBe('/x/keepsake');
    expect(defaultDataFolder({}, 'linux')).toMatch(/\/\.local\/share\/keepsake$/u);
    expect(defaultDataFolder({}, 'darwin')).toMatch(/\/Library\/Application Support\/Keepsake$/u);
    expect(modelCacheFolder({ XDG_CACHE_HOME: '/c' })).toBe('/c/keepsake/models');
  });
  it('of a data folder are for its owner only', () => {
    const data = join(tempFolder(), 'a', 'b');
    const paths = dataPaths(data, '/resources', {});
    createDataFolders(paths);
    for (const folder of [data, paths.profile, paths.adapters, paths.runs]) {
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    }
  });
  it('leave the permissions of a folder of the user alone', () => {
    const data = tempFolder();
    mkdirSync(join(data, 'mine'), { mode: 0o755 });
    createDataFolders(dataPaths(join(data, 'mine'), '/resources', {}));
    expect(statSync(join(data, 'mine')).mode & 0o777).toBe(0o755);
  });
  it.each(['/proc/nowhere/data', '/dev/null/data', `/tmp/${'x'.repeat(300)}`])('refuse %s', (folder) => {
    expect(() => createDataFolders(dataPaths(folder, '/resources', {}))).toThrow(
      expect.objectContaining({ code: 'data-folder-read-only' }),
    );
  });
  it('of programs follow the system', () => {
    expect(workerProgram('/p', {}, 'linux')).toBe('/p/native-worker/build/release/keepsake-worker');
    expect(workerProgram('/p', { KEEPSAKE_WORKER: '/w' }, 'linux')).toBe('/w');
    expect(backendsFolder('/p', 'linux', 'x64')).toBe(
      '/p/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64',
    );
  });
});

describe('the write lock', () => {
  it('is held by one at a time and can be taken again', () => {
    const folder = tempFolder();
    const lock = acquireDataLock(folder);
    expect(() => acquireDataLock(folder)).toThrow(expect.objectContaining({ code: 'data-folder-locked' }));
    expect(isDataLocked(folder)).toBe(true);
    lock.release();
    lock.release();
    expect(isDataLocked(folder)).toBe(false);
    acquireDataLock(folder).release();
  });
  it('is not held in a folder that nobody wrote to', () => {
    const folder = tempFolder();
    expect(isDataLocked(folder)).toBe(false);
    writeFileSync(join(folder, 'lock.db'), '');
    expect(isDataLocked(folder)).toBe(false);
  });
});
