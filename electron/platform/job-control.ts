/**
 * Orders to the process that holds a data folder, from one that does not: a small file for each, taken by the holder.
 *
 * Only names are read (a job's id and the order), so that a half-written file can do no harm.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobControl } from '../core/dependencies.ts';

const orderName = /^([0-9a-f-]{36})\.(pause|cancel)$/u;

/** Orders in a folder of their own. */
export function createJobControl(folder: string): JobControl {
  return {
    request: (jobId, order) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, `${jobId}.${order}`), '', { mode: 0o600 });
    },
    take: () => {
      let names: string[];
      try {
        names = readdirSync(folder);
      } catch {
        return [];
      }
      return names.flatMap((name) => {
        const [, jobId, order] = orderName.exec(name) ?? [];
        rmSync(join(folder, name), { force: true, recursive: true });
        return jobId === undefined || (order !== 'pause' && order !== 'cancel') ? [] : [{ jobId, order }];
      });
    },
  };
}
