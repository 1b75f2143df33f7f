import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { createExportLog } from '../../../electron/core/interchange/export-log.ts';
import { createExportStore } from '../../../electron/core/interchange/export-store.ts';
import { assertOutputPlace } from '../../../electron/core/interchange/output-place.ts';
import { putFile, putFolder, writeWhole } from '../../../electron/core/util/atomic-write.ts';
import { anAdapter } from '../../helpers/models.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

function aLog() {
  const db = openMemoryDatabase(profileMigrations);
  let next = 0;
  const newId = (): string => {
    next += 1;
    return `export-${next}-of-many`;
  };
  const log = createExportLog({ db, clock: { now: () => 7 }, newId });
  return { db, log, store: createExportStore(db) };
}

const bytes = Buffer.from('secret');

describe('the memory of exports', () => {
  it('knows a file with its facts, also after its adapter and the file are gone', async () => {
    const { log } = aLog();
    const path = join(tempFolder(), 'a.gguf');
    const adapter = anAdapter({ factIds: ['f1', 'f2'] });
    await log.record(adapter, { format: 'gguf', path }, ({ partial }) => {
      writeWhole(partial, (sink) => sink(bytes));
      putFile(partial, path, { overwrite: false });
      return Promise.resolve();
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(log.listHolding(['f2'])).toMatchObject([{ path, format: 'gguf', exists: true, createdAt: 7 }]);
    expect(log.listHolding(['f3'])).toEqual([]);
    expect(log.listOf(adapter.id)).toHaveLength(1);
  });

  it('counts a file of an imported adapter as holding any fact', async () => {
    const { log } = aLog();
    const path = join(tempFolder(), 'a.gguf');
    const imported = { format: 'peft', name: 'x', sha256: 'y' } as const;
    await log.record(anAdapter({ imported }), { format: 'gguf', path }, () => Promise.resolve());
    expect(log.listHolding(['any'])).toMatchObject([{ path, exists: false }]);
  });

  it('keeps nothing of a write that failed, neither file nor row', async () => {
    const { log, store } = aLog();
    const path = join(tempFolder(), 'a.gguf');
    const failing = log.record(anAdapter(), { format: 'gguf', path }, ({ partial }) => {
      writeWhole(partial, (sink) => sink(bytes));
      return Promise.reject(new Error('broken'));
    });
    await expect(failing).rejects.toThrow('broken');
    expect(store.list()).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  it('clears up what a killed process left, and keeps what was finished', () => {
    const { log, store } = aLog();
    const folder = tempFolder();
    const killed = (id: string, path: string, partial: string): void =>
      store.insert({ id, adapterId: 'a', format: 'gguf', path, partial, factIds: [], createdAt: 1 });
    const half = join(folder, 'half.gguf.1.partial');
    writeFileSync(half, bytes);
    writeFileSync(`${half}.partial`, bytes);
    killed('half', join(folder, 'half.gguf'), half);
    writeFileSync(join(folder, 'whole.gguf'), bytes);
    killed('whole', join(folder, 'whole.gguf'), join(folder, 'whole.gguf.2.partial'));
    // A folder that was moved aside, and the process killed before the new one took its place.
    mkdirSync(join(folder, 'peft.3.replaced'));
    mkdirSync(join(folder, 'peft.3.partial'));
    killed('folder', join(folder, 'peft'), join(folder, 'peft.3.partial'));
    log.recover();
    expect([half, `${half}.partial`].map((file) => existsSync(file))).toEqual([false, false]);
    expect(store.list().map(({ id, partial }) => [id, partial])).toEqual([['whole', null]]);
    expect(existsSync(join(folder, 'peft'))).toBe(true);
    expect(existsSync(join(folder, 'peft.3.partial'))).toBe(false);
  });
});

describe('places to write to', () => {
  const rules = { shape: 'file', force: false, dataFolder: '/nowhere', protectedFiles: [] } as const;

  it('are refused when something is there, unless it may be replaced', () => {
    const folder = tempFolder();
    const file = join(folder, 'a.gguf');
    expect(() => assertOutputPlace(file, rules)).not.toThrow();
    writeFileSync(file, bytes);
    expect(() => assertOutputPlace(file, rules)).toThrow(/there already/u);
    expect(() => assertOutputPlace(file, { ...rules, force: true })).not.toThrow();
    expect(() => assertOutputPlace(file, { ...rules, force: true, protectedFiles: [file] })).toThrow(
      /base model/u,
    );
    expect(() => assertOutputPlace(file, { ...rules, force: true, shape: 'folder' })).toThrow(/is a file/u);
    expect(() => assertOutputPlace(folder, { ...rules, force: true })).toThrow(/is a folder/u);
    expect(() => assertOutputPlace(join(folder, 'no', 'a.gguf'), rules)).toThrow(/no folder/u);
    expect(() => assertOutputPlace(file, { ...rules, dataFolder: folder })).toThrow(/own data folder/u);
  });

  it('are never a folder with files of somebody else', () => {
    const folder = tempFolder();
    const place = { ...rules, shape: 'folder', force: true } as const;
    expect(() => assertOutputPlace(folder, { ...place, force: false })).not.toThrow();
    writeFileSync(join(folder, 'adapter_config.json'), '{}');
    expect(() => assertOutputPlace(folder, { ...place, force: false })).toThrow(/there already/u);
    expect(() => assertOutputPlace(folder, place)).not.toThrow();
    writeFileSync(join(folder, 'diary.txt'), 'mine');
    expect(() => assertOutputPlace(folder, place)).toThrow(/diary.txt/u);
  });

  it('are not written over by a file that came in between', () => {
    const folder = tempFolder();
    const path = join(folder, 'a');
    const partial = join(folder, 'a.partial');
    writeWhole(partial, (sink) => sink(bytes));
    writeFileSync(path, 'first');
    expect(() => putFile(partial, path, { overwrite: false })).toThrow(/EEXIST/u);
    mkdirSync(join(folder, 'b.partial'));
    mkdirSync(join(folder, 'b'));
    writeFileSync(join(folder, 'b', 'mine'), 'mine');
    expect(() => putFolder(join(folder, 'b.partial'), join(folder, 'b'), { overwrite: false })).toThrow();
    expect(existsSync(join(folder, 'b', 'mine'))).toBe(true);
  });
});
