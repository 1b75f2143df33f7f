import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { orderFile } from '../../../electron/hosts/compose-deletion.ts';
import { keepOrder } from '../../../electron/hosts/compose-order.ts';
import { appErrorOf } from '../../helpers/errors.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

describe('what is to be done once the folder is closed', () => {
  it('is not replaced by something else before it is done', async () => {
    const folder = tempFolder();
    keepOrder(folder, { kind: 'delete-all', models: false });
    const restore = { kind: 'restore', backupId: 'any', profileId: 'default' } as const;
    expect((await appErrorOf(() => keepOrder(folder, restore))).code).toBe('conflict');
    expect(readFileSync(join(folder, orderFile), 'utf8')).toContain('delete-all');
    expect(existsSync(join(folder, `${orderFile}.partial`))).toBe(false);
  });
});
