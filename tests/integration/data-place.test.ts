import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compose } from '../../electron/hosts/compose.ts';
import { errorOfCall } from '../helpers/errors.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

const city = { attribute: 'city', value: 'Porto' };

describe('a data folder that goes while it is open', () => {
  it('takes nothing more that would be lost, lets what is open be exported, and works again once it is back', async () => {
    const place = tempFolder();
    const data = join(place, 'data');
    const app = compose({ data, access: 'write' });
    await app.client.facts.add(city);
    renameSync(data, join(place, 'elsewhere'));
    const gone = await errorOfCall(app.client.facts.add({ attribute: 'pet', value: 'Luna' }));
    expect(gone.code).toBe('data-folder-read-only');
    expect(gone.message).toContain(
      `deleted or moved while Keepsake has it open: ${data}. Nothing was saved.`,
    );
    expect(gone.hint).toContain('Put the folder back');
    expect((await app.client.facts.list({})).facts).toHaveLength(1);
    expect((await app.client.facts.export({ format: 'json' })).text).toContain('Porto');
    // Another folder of that name is not the one that is open.
    await compose({ data, access: 'write' }).dispose();
    expect((await errorOfCall(app.client.facts.undo({}))).code).toBe('data-folder-read-only');
    rmSync(data, { recursive: true });
    renameSync(join(place, 'elsewhere'), data);
    await app.client.facts.add({ attribute: 'pet', value: 'Luna' });
    expect((await app.client.facts.list({})).facts).toHaveLength(2);
    await app.dispose();
  });

  it.skipIf(process.platform === 'win32')('is readable by its owner only, all files of it', async () => {
    const data = join(tempFolder(), 'data');
    const before = process.umask(0o022);
    try {
      const app = compose({ data, access: 'write' });
      await app.client.facts.add(city);
      const names = ['.', ...readdirSync(data, { recursive: true, encoding: 'utf8' })];
      expect(names).toContain('app.db-wal');
      const open = names.filter((name) => (statSync(join(data, name)).mode & 0o077) !== 0);
      expect(open).toEqual([]);
      await app.dispose();
    } finally {
      process.umask(before);
    }
  });
});
