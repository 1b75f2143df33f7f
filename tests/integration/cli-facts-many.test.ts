import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../helpers/command-line.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

describe('many facts on the command line', () => {
  const commandsIn =
    (data: string) =>
    (...args: string[]) =>
      runCommand(['facts', ...args, '--data', data, '--json']);

  it(
    'are imported, searched by pages, changed by a condition and taken back',
    { timeout: 120_000 },
    async () => {
      const data = tempFolder();
      const facts = commandsIn(data);
      const rows = Array.from({ length: 60 }, (_, n) => ({
        subject: `Person ${n}`,
        attribute: 'job',
        value: `Bäcker ${n}`,
        ...(n < 2 && { neverTrain: true }),
      }));
      const file = join(data, 'people.json');
      writeFileSync(file, JSON.stringify(rows));
      expect((await facts('import', file)).result()).toMatchObject({ added: 60 });
      const first = (await facts('list', '--search', 'backer', '--sort', 'value', '--limit', '50')).result();
      expect(first).toMatchObject({ total: 60, facts: { length: 50 } });
      const rest = await facts(
        'list',
        '--search',
        'backer',
        '--sort',
        'value',
        '--limit',
        '50',
        '--cursor',
        String(first.nextCursor),
      );
      expect(rest.result()).toMatchObject({ total: 60, nextCursor: null, facts: { length: 10 } });
      const dry = await facts('set', '--where', 'search="Person 1', '--category', 'work', '--dry-run');
      expect(dry.result()).toEqual({ matched: 11, changed: 0 });
      expect(
        (await facts('set', '--where', 'never-train=on', '--never-train', 'off')).result(),
      ).toMatchObject({ changed: 2 });
      const refused = await facts('remove', '--where', 'attribute=job');
      expect([refused.code, refused.errorCode()]).toEqual([2, 'invalid-input']);
      expect((await facts('undo')).result()).toMatchObject({
        change: { kind: 'set', facts: 2, undone: true },
      });
      expect((await facts('undo')).result()).toMatchObject({ change: { kind: 'import', facts: 60 } });
      expect((await facts('undo')).errorCode()).toBe('conflict');
      expect((await facts('redo')).result()).toMatchObject({ change: { kind: 'import', undone: false } });
      const removed = await facts('remove', '--where', 'search=Bäcker', '--yes');
      expect(removed.result()).toMatchObject({ matched: 60, removed: { length: 60 } });
      for (const name of readdirSync(join(data, 'profiles'), { recursive: true, encoding: 'utf8' })) {
        const path = join(data, 'profiles', name);
        if (statSync(path).isFile()) expect(/b[aä]cker/iu.test(readFileSync(path, 'utf8'))).toBe(false);
      }
    },
  );

  it.each([
    [['list', '--limit', '0'], 'invalid-input'],
    [['list', '--tier', 'odd'], 'invalid-input'],
    [['list', '--cursor', 'x'], 'invalid-input'],
    [['list', '--current', '--former'], 'invalid-input'],
    [['set', '--where', 'all'], 'invalid-input'],
    [['set', '--category', 'x'], 'invalid-input'],
    [['set', '--where', 'colour=red', '--category', 'x'], 'invalid-input'],
    [['remove'], 'invalid-input'],
    [['remove', 'x', '--where', 'all'], 'invalid-input'],
  ])('%j is refused with %s', async (args, code) => {
    const outcome = await commandsIn(tempFolder())(...args);
    expect([outcome.code, outcome.errorCode()]).toEqual([2, code]);
  });
});
