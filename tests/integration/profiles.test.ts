import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { appMigrations, profileMigrations } from '../../electron/core/db/migrations/index.ts';
import { openDatabase } from '../../electron/core/db/open-database.ts';
import { acquireDataLock } from '../../electron/platform/data-lock.ts';
import { runCommand } from '../helpers/command-line.ts';
import { filesHolding, listFiles } from '../helpers/find-text.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

/** Runs a command with --json in a data folder and gives its result. */
async function keepsake(data: string, ...args: string[]): Promise<Record<string, unknown>> {
  return (await runCommand([...args, '--data', data, '--json'])).result();
}

async function values(data: string, ...more: string[]): Promise<string[]> {
  const { facts } = (await keepsake(data, 'facts', 'list', ...more)) as { facts: { value: string }[] };
  return facts.map((fact) => fact.value);
}

function add(data: string, value: string, ...more: string[]): Promise<Record<string, unknown>> {
  return keepsake(data, 'facts', 'add', '--attribute', 'hobby', '--value', value, ...more);
}

describe('profiles on the command line', () => {
  it('open a folder from before there were several, its files where they were', async () => {
    const data = tempFolder();
    const file = join(data, 'profiles', 'default', 'profile.db');
    mkdirSync(join(data, 'profiles', 'default'), { recursive: true });
    openDatabase(join(data, 'app.db'), appMigrations.slice(0, 1)).close();
    const old = openDatabase(file, profileMigrations.slice(0, 2));
    old.exec(`INSERT INTO facts (id, subject, attribute, kind, thing, value, aliases, category, tier, standing, source, created_at)
      VALUES ('f', 'me', 'city', 'city', 'me city', 'Porto', '[]', 'home', 'simple', 'standing', '{"type":"typed"}', 1)`);
    old.close();
    const { ino } = statSync(file);
    expect(await values(data)).toEqual(['Porto']);
    await add(data, 'chess');
    expect(await values(data, '--profile', 'default')).toEqual(['Porto', 'chess']);
    expect(statSync(file).ino).toBe(ino);
  });

  it('keep what is told to one from every file of the other, the list and the log', async () => {
    const data = tempFolder();
    const [mine, theirs] = ['Glockenspielsammeln', 'Quittenmarmelade'];
    const made = await keepsake(data, 'profiles', 'add', 'Röle – two');
    const id = String(made.id);
    await add(data, mine);
    await add(data, theirs, '--profile', 'röle – TWO');
    await keepsake(data, 'facts', 'add', '--attribute', 'hobby', '--value', 'x'.repeat(501), '--profile', id);
    expect(await values(data)).toEqual([mine]);
    expect(await values(data, '--profile', id)).toEqual([theirs]);
    const found = (text: string): string[] => filesHolding(listFiles(data), text);
    const inside = (profile: string): RegExp => new RegExp(`/profiles/${profile}/`, 'u');
    expect(found(mine).length).toBeGreaterThan(0);
    expect(found(theirs).length).toBeGreaterThan(0);
    expect(found(mine).filter((file) => !inside('default').test(file))).toEqual([]);
    expect(found(theirs).filter((file) => !inside(id).test(file))).toEqual([]);
    expect(await keepsake(data, 'status', '--profile', id)).toMatchObject({
      profile: { id, current: false },
    });

    await keepsake(data, 'profiles', 'use', id);
    expect(await values(data)).toEqual([theirs]);
    const unsure = await runCommand(['profiles', 'remove', id, '--data', data, '--json']);
    expect([unsure.code, unsure.errorCode()]).toEqual([2, 'invalid-input']);
    expect(await values(data)).toEqual([theirs]);
    const removed = await keepsake(data, 'profiles', 'remove', id, '--yes');
    expect(removed).toMatchObject({ removed: id, currentProfileId: 'default' });
    expect(found(theirs)).toEqual([]);
    expect(found('Röle')).toEqual([]);
    expect(await values(data)).toEqual([mine]);
  });

  it('are refused where they do not exist or another process holds the folder', async () => {
    const data = tempFolder();
    await add(data, 'chess');
    for (const args of [
      ['facts', 'list'],
      ['status'],
      ['facts', 'add', '--attribute', 'a', '--value', 'b'],
    ]) {
      const outcome = await runCommand([...args, '--profile', 'nobody', '--data', data, '--json']);
      expect([outcome.code, outcome.errorCode()]).toEqual([2, 'not-found']);
    }
    const lock = acquireDataLock(data);
    try {
      for (const args of [
        ['add', 'x'],
        ['use', 'default'],
        ['rename', 'default', 'x'],
        ['remove', 'default', '--yes'],
      ]) {
        const outcome = await runCommand(['profiles', ...args, '--data', data, '--json']);
        expect([outcome.code, outcome.errorCode()]).toEqual([6, 'data-folder-locked']);
      }
      expect(await keepsake(data, 'profiles', 'list')).toMatchObject({ profiles: [{ id: 'default' }] });
    } finally {
      lock.release();
    }
    expect(await values(data)).toEqual(['chess']);
  });
});
