import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../core/dependencies.ts';

/** Size at which a log file is put aside; one earlier file is kept. */
const rotateBytes = 1_000_000;

/**
 * One JSON object a line in `<folder>/keepsake.log`, readable by the owner only; it never leaves the machine.
 *
 * A log that cannot be written is not worth failing for.
 */
export function createFileLogger(folder: string, now: () => number): Logger {
  const file = join(folder, 'keepsake.log');
  return {
    log: (level, scope, fields) => {
      if (level === 'debug') return;
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > rotateBytes)
          renameSync(file, `${file}.1`);
        const line = JSON.stringify({ time: new Date(now()).toISOString(), level, scope, ...fields });
        appendFileSync(file, `${line}\n`, { mode: 0o600 });
      } catch {
        // A full or read-only disk is reported by the work itself.
      }
    },
  };
}

/** Drops every line: for processes that only read a data folder. */
export const silentLogger: Logger = { log: () => undefined };
