import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createJobControl } from '../../../electron/platform/job-control.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const job = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';

describe('orders from another process', () => {
  it('are given once each', () => {
    const folder = join(tempFolder(), 'orders');
    createJobControl(folder).request(job, 'pause');
    const control = createJobControl(folder);
    expect([control.take(), control.take()]).toEqual([[{ jobId: job, order: 'pause' }], []]);
  });

  it('that nobody could have given are thrown away', () => {
    const folder = tempFolder();
    writeFileSync(join(folder, `${job}.destroy`), '');
    writeFileSync(join(folder, '../../x.pause'.replaceAll('/', '_')), '');
    mkdirSync(join(folder, 'a-folder'));
    expect([createJobControl(folder).take(), readdirSync(folder)]).toEqual([[], []]);
  });

  it('are none where there is no folder', () => {
    expect(createJobControl('/nowhere/at/all').take()).toEqual([]);
  });
});
