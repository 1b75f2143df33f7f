import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { runCommand, type CommandOptions } from '../helpers/command-line.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

async function outcomeOf(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<[number | null, string | undefined]> {
  const { code, errorCode } = await runCommand([...args, '--json'], options);
  return [code, errorCode()];
}

/** A private mount for one command: `$1` is the folder, the rest the command. */
function mounted(folder: string, script: string): readonly string[] {
  return [
    'unshare',
    '--user',
    '--map-root-user',
    '--mount',
    'sh',
    '-c',
    `${script}; shift; exec "$@"`,
    'sh',
    folder,
  ];
}

/** Read-only and full disks need a private mount, which some containers forbid to everybody. */
const canMount = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']).status === 0;

describe('errors of usage', () => {
  it.each([
    ['an unknown command', ['frobnicate']],
    ['an unknown verb', ['facts', 'frobnicate']],
    ['an unknown option', ['facts', 'list', '--frobnicate']],
    ['a noun without a verb', ['facts']],
    ['no command', []],
    ['a missing option', ['facts', 'add', '--attribute', 'city']],
    ['an option without its value', ['facts', 'add', '--attribute', 'city', '--value']],
    ['a missing argument', ['facts', 'import']],
    ['an argument too many', ['facts', 'list', 'x']],
    ['a wrong choice', ['facts', 'export', '--format', 'xml']],
    ['a wrong arm', ['ask', 'Who am I?', '--arm', 'left']],
    ['a wrong recipe', ['train', '--recipe', 'secret']],
    ['a seed that is no number', ['train', '--seed', 'x']],
    ['an empty data folder', ['status', '--data', '']],
  ])('%s ends with 2 and a JSON error', async (_title, args) => {
    expect(await outcomeOf(args)).toEqual([2, 'invalid-input']);
  });
  it('are one sentence with a hint on stderr for people, and nothing on stdout', async () => {
    const outcome = await runCommand(['facts', 'lits']);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(/^Unknown command 'lits'.*\nSee: keepsake facts --help\n$/su);
  });
  it.each([
    [['--help']],
    [['facts', '--help']],
    [['facts', 'add', '-h']],
    [['train', '--help']],
    [['ask', '--help']],
    [['--version']],
  ])('%j is no error', async (args) => {
    const outcome = await runCommand(args);
    expect(outcome.code).toBe(0);
    expect(outcome.stdout).not.toBe('');
    expect((await runCommand([...args, '--json'])).lines()).toHaveLength(1);
  });
});

describe('bad facts on the command line', () => {
  it.each([
    ['an empty value', ['--attribute', 'city', '--value', ' ']],
    ['an empty attribute', ['--attribute', '', '--value', 'x']],
    ['a value that is too long', ['--attribute', 'city', '--value', 'x'.repeat(501)]],
    ['a day that does not exist', ['--attribute', 'city', '--value', 'x', '--valid-from', '2023-02-30']],
    [
      'an end before the beginning',
      ['--attribute', 'city', '--value', 'x', '--valid-from', '2023', '--valid-to', '2022'],
    ],
    ['a derived tier', ['--attribute', 'city', '--value', 'x', '--tier', 'multi-hop']],
  ])('%s is refused and nothing is kept', async (_title, args) => {
    const data = tempFolder();
    expect(await outcomeOf(['facts', 'add', ...args, '--data', data])).toEqual([2, 'invalid-input']);
    expect((await runCommand(['facts', 'list', '--data', data, '--json'])).result()).toEqual({ facts: [] });
  });
  it.each([
    ['missing.json', null],
    ['empty.json', ''],
    ['cut.json', '[{"attribute":"a","value":"v"},\n{"attr'],
    ['latin.csv', Buffer.from('attribute,value\ncity,K\xf6ln\n', 'latin1')],
    ['shape.json', '{"people":[1,2]}'],
  ])('a file %s is refused with its line and nothing is imported', async (name, content) => {
    const data = tempFolder();
    if (content !== null) writeFileSync(join(data, name), content);
    expect(await outcomeOf(['facts', 'import', join(data, name), '--data', data])).toEqual([
      2,
      'invalid-input',
    ]);
    expect((await runCommand(['facts', 'list', '--data', data, '--json'])).result()).toEqual({ facts: [] });
  });
  it('a file of more than 50 MB is refused before it is read', async () => {
    const data = tempFolder();
    writeFileSync(join(data, 'big.json'), Buffer.alloc(50_000_001, 0x20));
    expect(await outcomeOf(['facts', 'import', join(data, 'big.json'), '--data', data])).toEqual([
      2,
      'invalid-input',
    ]);
  });
  it('a folder in place of a file is refused', async () => {
    const data = tempFolder();
    expect(await outcomeOf(['facts', 'import', data, '--data', data])).toEqual([2, 'invalid-input']);
  });
  it('train with no facts says so', async () => {
    expect(await outcomeOf(['train', '--data', tempFolder()])).toEqual([2, 'no-facts']);
  });
  it.each([
    ['facts', 'remove', 'nope'],
    ['facts', 'edit', 'nope', '--value', 'x'],
    ['adapters', 'activate', 'nope', '--override', 'because'],
    ['dataset', 'show', 'nope'],
  ])('%s %s of an unknown id is not found', async (...args) => {
    expect(await outcomeOf([...args, '--data', tempFolder()])).toEqual([2, 'not-found']);
  });
});

describe('bad data folders', () => {
  const add = ['facts', 'add', '--attribute', 'city', '--value', 'Porto'];
  it('a file in place of the folder', async () => {
    const file = join(tempFolder(), 'file');
    writeFileSync(file, 'x');
    expect(await outcomeOf([...add, '--data', file])).toEqual([6, 'data-folder-read-only']);
    expect(await outcomeOf(['facts', 'list', '--data', file])).toEqual([6, 'data-folder-read-only']);
    expect(await outcomeOf([...add, '--data', join(file, 'below')])).toEqual([6, 'data-folder-read-only']);
  });
  it('a database of a newer version is refused and left as it is', async () => {
    const data = tempFolder();
    await runCommand([...add, '--data', data]);
    const db = new BetterSqlite(join(data, 'profiles', 'default', 'profile.db'));
    db.pragma('user_version = 9999');
    db.close();
    expect(await outcomeOf([...add, '--data', data])).toEqual([6, 'database-newer']);
    expect(await outcomeOf(['facts', 'list', '--data', data])).toEqual([6, 'database-newer']);
  });
  it('a damaged database', async () => {
    const data = tempFolder();
    mkdirSync(join(data, 'profiles', 'default'), { recursive: true });
    writeFileSync(join(data, 'profiles', 'default', 'profile.db'), 'this is no database'.repeat(1000));
    expect(await outcomeOf([...add, '--data', data])).toEqual([6, 'database-corrupt']);
    expect(await outcomeOf(['facts', 'list', '--data', data])).toEqual([6, 'database-corrupt']);
  });
  it.each(['app.db', join('profiles', 'default', 'profile.db')])(
    'a page of %s that was overwritten, and a folder in its place',
    async (name) => {
      const data = tempFolder();
      await runCommand([...add, '--data', data]);
      const file = join(data, name);
      const content = readFileSync(file);
      for (let at = 4096; at < content.length; at += 4096) content.fill(0x5a, at, at + 100);
      writeFileSync(file, content);
      for (const args of [['status'], ['facts', 'list'], add])
        expect(await outcomeOf([...args, '--data', data])).toEqual([6, 'database-corrupt']);
      rmSync(file);
      mkdirSync(file);
      expect(await outcomeOf(['status', '--data', data])).toEqual([6, 'database-corrupt']);
    },
  );
  it('databases that a killed writer had only just created read as empty', async () => {
    const data = tempFolder();
    mkdirSync(join(data, 'profiles', 'default'), { recursive: true });
    for (const name of ['app.db', join('profiles', 'default', 'profile.db')])
      writeFileSync(join(data, name), '');
    expect((await runCommand(['facts', 'list', '--data', data, '--json'])).result()).toEqual({ facts: [] });
    expect(await outcomeOf([...add, '--data', data])).toEqual([0, undefined]);
  });
  it.skipIf(!canMount)('a read-only folder can be read and refuses to be written to', async () => {
    const data = tempFolder();
    await runCommand([...add, '--data', data]);
    const under = mounted(data, 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"');
    for (const args of [add, ['facts', 'import', 'x.json'], ['train'], ['dataset', 'build']]) {
      expect(await outcomeOf([...args, '--data', data], { under })).toEqual([6, 'data-folder-read-only']);
    }
    const listed = await runCommand(['facts', 'list', '--data', data, '--json'], { under });
    expect(listed.result()).toMatchObject({ facts: [{ value: 'Porto' }] });
    for (const args of [['status'], ['facts', 'export'], ['models', 'list'], ['adapters', 'list']]) {
      expect((await runCommand([...args, '--data', data], { under })).code).toBe(0);
    }
  });
  it.skipIf(!canMount)(
    'a read-only folder left by a killed writer is read with what was last written',
    async () => {
      const source = tempFolder();
      await runCommand([...add, '--data', source]);
      const name = join('profiles', 'default', 'profile.db');
      const db = new BetterSqlite(join(source, name));
      db.prepare("UPDATE facts SET value = 'Lisbon'").run();
      const data = tempFolder();
      mkdirSync(join(data, 'profiles', 'default'), { recursive: true });
      for (const ending of ['', '-wal'])
        copyFileSync(join(source, `${name}${ending}`), join(data, `${name}${ending}`));
      db.close();
      const under = mounted(data, 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"');
      const listed = await runCommand(['facts', 'list', '--data', data, '--json'], { under });
      expect(listed.result()).toMatchObject({ facts: [{ value: 'Lisbon' }] });
    },
  );
  it.skipIf(!canMount)('a full disk is named, and nothing is half written', async () => {
    const outer = tempFolder();
    const disk = join(outer, 'disk');
    mkdirSync(disk);
    const rows = Array.from({ length: 10_000 }, (_, n) => ({ attribute: `a${n}`, value: 'x'.repeat(100) }));
    const file = join(outer, 'facts.json');
    writeFileSync(file, JSON.stringify(rows));
    const small = mounted(disk, 'mount -t tmpfs -o size=600k tmpfs "$1"');
    expect(
      await outcomeOf(['facts', 'import', file, '--data', join(disk, 'data')], { under: small }),
    ).toEqual([4, 'disk-full']);
    const tiny = mounted(disk, 'mount -t tmpfs -o size=16k tmpfs "$1"');
    expect(await outcomeOf([...add, '--data', join(disk, 'data')], { under: tiny })).toEqual([
      4,
      'disk-full',
    ]);
  });
});

describe('a closed pipe', () => {
  it('ends quietly', async () => {
    const data = tempFolder();
    const rows = Array.from({ length: 5000 }, (_, n) => ({ attribute: `a${n}`, value: 'x' }));
    writeFileSync(join(data, 'f.json'), JSON.stringify(rows));
    await runCommand(['facts', 'import', join(data, 'f.json'), '--data', data]);
    const outcome = await runCommand(['facts', 'list', '--data', data], {
      onStart: (child) => child.stdout?.destroy(),
    });
    expect([outcome.code, outcome.stderr]).toEqual([0, '']);
  });
});
