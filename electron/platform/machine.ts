/** What this machine has, read from the system. */
import { readFileSync, statfsSync, statSync } from 'node:fs';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { Machine } from '../core/dependencies.ts';

/** Asks the system each time; `threads` as the trainer takes them. */
export function createMachine({ threads }: { readonly threads?: number } = {}): Machine {
  return {
    memory: () => {
      const limit = memoryLimit();
      const availableBytes = availableMemory();
      const totalBytes = totalmem();
      return {
        totalBytes: Math.min(totalBytes, limit),
        availableBytes: Math.min(availableBytes, limit),
      };
    },
    productPath: hasBf16Products() ? 'bf16' : 'f32',
    threads: threads ?? availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? process.arch,
    freeDiskBytes: (folder) => {
      const { bavail, bsize } = statfsSync(nearestFolder(folder));
      return bavail * bsize;
    },
  };
}

/** Linux counts what caches would give back; elsewhere the free memory. */
function availableMemory(): number {
  const line = /^MemAvailable:\s+(\d+) kB$/mu.exec(readText('/proc/meminfo'));
  return line === null ? freemem() : Number(line[1]) * 1024;
}

/** What a container may take in all; no limit is infinite. */
function memoryLimit(): number {
  const text = readText('/sys/fs/cgroup/memory.max').trim();
  return /^\d+$/u.test(text) ? Number(text) : Infinity;
}

/** The worker asks the processor itself; this is for estimates. Apple's and other ARM chips take the F32 path. */
function hasBf16Products(): boolean {
  return /\b(avx512_bf16|amx_bf16)\b/u.test(readText('/proc/cpuinfo'));
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function nearestFolder(folder: string): string {
  const isThere = statSync(folder, { throwIfNoEntry: false }) !== undefined;
  return isThere || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}
