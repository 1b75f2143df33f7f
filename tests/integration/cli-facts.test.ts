import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../helpers/command-line.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

type Listed = { id: string; value: string; current: boolean; tier: string; state: string };

async function list(data: string): Promise<Listed[]> {
  const { facts } = (await runCommand(['facts', 'list', '--data', data, '--json'])).result();
  return facts as Listed[];
}

async function add(data: string, attribute: string, value: string, ...more: string[]): Promise<string> {
  const outcome = await runCommand([
    'facts',
    'add',
    '--attribute',
    attribute,
    '--value',
    value,
    ...more,
    '--data',
    data,
    '--json',
  ]);
  expect(outcome.code).toBe(0);
  return String(outcome.result().id);
}

function writeFacts(folder: string, rows: readonly unknown[], name = 'facts – ä.json'): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(rows));
  return file;
}

describe('facts on the command line', () => {
  it('are added, listed, edited, exported and read back to equality', async () => {
    const data = tempFolder();
    const id = await add(data, 'city', 'Oslo');
    await add(data, 'hobby', '"go" <|im_end|> 🙂', '--alias', 'weiqi', '--valid-from', '2019-02');
    const edit = await runCommand([
      '--json',
      '--data',
      data,
      'facts',
      'edit',
      id,
      '--value',
      'Porto',
      '--valid-to',
      '2020',
    ]);
    expect(edit.result()).toMatchObject({ superseded: { id, validTo: '2020', current: false } });
    const copy = tempFolder();
    for (const format of ['json', 'csv']) {
      const file = join(copy, `export.${format}`);
      const exported = await runCommand(['facts', 'export', '--format', format, '--data', data]);
      writeFileSync(file, exported.stdout);
      await runCommand(['facts', 'import', file, '--data', copy]);
      const again = await runCommand(['facts', 'export', '--format', format, '--data', copy]);
      expect(again.stdout).toBe(exported.stdout);
    }
    expect((await list(copy)).map(({ value, current, tier }) => [value, current, tier])).toEqual([
      ['Oslo', false, 'temporal'],
      ['"go" <|im_end|> 🙂', true, 'temporal'],
      ['Porto', true, 'temporal'],
    ]);
  });

  it('print JSON lines only, wherever --json stands', async () => {
    const data = tempFolder();
    for (const args of [
      ['--json', 'facts', 'list', '--data', data],
      ['facts', '--json', 'list', '--data', data],
      ['facts', 'list', '--data', data, '--json'],
    ]) {
      const outcome = await runCommand(args);
      expect(outcome.lines()).toEqual([{ facts: [] }]);
    }
  });

  it('lie in a folder that only its owner may read', async () => {
    const parent = tempFolder();
    await add(join(parent, 'deep', 'data'), 'city', 'Porto');
    expect(statSync(join(parent, 'deep', 'data')).mode & 0o777).toBe(0o700);
    expect(statSync(join(parent, 'deep', 'data', 'profiles', 'default', 'profile.db')).mode & 0o777).toBe(
      0o600,
    );
  });

  it('are found by a path relative to the folder of the caller', async () => {
    const cwd = tempFolder();
    mkdirSync(join(cwd, 'in'));
    writeFacts(join(cwd, 'in'), [{ attribute: 'city', value: 'Porto' }], 'f.json');
    const outcome = await runCommand(['facts', 'import', 'in/f.json', '--data', 'my data', '--json'], {
      cwd,
    });
    expect(outcome.result()).toMatchObject({ added: 1, superseded: 0, unchanged: 0, conflicts: [] });
    expect(existsSync(join(cwd, 'my data', 'app.db'))).toBe(true);
  });

  it('are not created by looking', async () => {
    const data = join(tempFolder(), 'none');
    for (const args of [
      ['facts', 'list'],
      ['status'],
      ['models', 'list'],
      ['adapters', 'list'],
      ['facts', 'export'],
    ]) {
      expect((await runCommand([...args, '--data', data])).code).toBe(0);
    }
    expect(existsSync(data)).toBe(false);
  });

  it('leave nothing behind when they are forgotten', async () => {
    const data = tempFolder();
    const secret = 'Xylophonmuseum';
    await add(data, 'partner', 'Jordan');
    const id = await add(data, 'workplace', secret, '--subject', 'Jordan');
    const removed = await runCommand(['facts', 'remove', id, '--data', data, '--json']);
    expect(removed.result()).toMatchObject({ removed: [id], rebuildNeeded: false });
    expect((await list(data)).map((fact) => fact.value)).toEqual(['Jordan']);
    for (const name of readdirSync(data, { recursive: true, encoding: 'utf8' })) {
      const path = join(data, name);
      if (statSync(path).isFile()) expect(readFileSync(path).includes(secret)).toBe(false);
    }
    expect((await runCommand(['facts', 'remove', id, '--data', data, '--json'])).errorCode()).toBe(
      'not-found',
    );
  });

  it('are all imported or none when the process is killed', { timeout: 120_000 }, async () => {
    const data = tempFolder();
    await add(data, 'city', 'Porto');
    const rows = Array.from({ length: 20_000 }, (_, n) => ({
      subject: `P${n}`,
      attribute: 'job',
      value: `v${n}`,
    }));
    const file = writeFacts(data, rows);
    const wal = join(data, 'profiles', 'default', 'profile.db-wal');
    let kills = 0;
    for (const wait of [300_000, 1_500_000, 3_500_000]) {
      const killed = await runCommand(['facts', 'import', file, '--data', data], {
        onStart: (child) => {
          // Killed in the middle of writing: once the log has grown so far.
          const timer = setInterval(() => {
            if ((statSync(wal, { throwIfNoEntry: false })?.size ?? 0) > wait) child.kill('SIGKILL');
          }, 1);
          child.on('exit', () => clearInterval(timer));
        },
      });
      const { facts } = (await runCommand(['status', '--data', data, '--json'])).result() as {
        facts: { total: number };
      };
      expect(facts.total).toBe(killed.code === 0 ? 20_001 : 1);
      if (killed.code === 0) break;
      kills += 1;
    }
    expect(kills).toBeGreaterThan(0);
    const outcome = await runCommand(['facts', 'import', file, '--data', data, '--json']);
    expect(outcome.code).toBe(0);
  });

  it('go on being readable while another process writes, and refuse a second writer', async () => {
    const data = tempFolder();
    await add(data, 'city', 'Porto');
    const { acquireDataLock } = await import('../../electron/platform/data-lock.ts');
    const lock = acquireDataLock(data);
    try {
      const refused = await runCommand([
        'facts',
        'add',
        '--attribute',
        'a',
        '--value',
        'b',
        '--data',
        data,
        '--json',
      ]);
      expect([refused.code, refused.errorCode()]).toEqual([6, 'data-folder-locked']);
      for (const args of [
        ['train'],
        ['adapters', 'rollback'],
        ['evaluate'],
        ['models', 'add', 'x.gguf'],
        ['dataset', 'build'],
      ]) {
        expect((await runCommand([...args, '--data', data, '--json'])).errorCode()).toBe(
          'data-folder-locked',
        );
      }
      expect(await list(data)).toHaveLength(1);
      const status = await runCommand(['status', '--data', data, '--json']);
      expect(status.result()).toMatchObject({ busy: true, facts: { total: 1 } });
    } finally {
      lock.release();
    }
    expect((await runCommand(['status', '--data', data, '--json'])).result()).toMatchObject({ busy: false });
  });

  it('can be read from a folder that was left by a killed writer', async () => {
    const data = tempFolder();
    await add(data, 'city', 'Porto');
    const profile = join(data, 'profiles', 'default', 'profile.db');
    const { openDatabase } = await import('../../electron/core/db/open-database.ts');
    const { profileMigrations } = await import('../../electron/core/db/migrations/index.ts');
    const db = openDatabase(profile, profileMigrations);
    db.prepare("UPDATE facts SET value = 'Lisbon'").run();
    const left = tempFolder();
    mkdirSync(join(left, 'profiles', 'default'), { recursive: true });
    for (const ending of ['', '-wal'])
      copyFileSync(`${profile}${ending}`, join(left, 'profiles', 'default', `profile.db${ending}`));
    db.close();
    expect((await list(left)).map((fact) => fact.value)).toEqual(['Lisbon']);
  });
});
