// Starts one side of the benchmark, reads its JSON lines and watches its memory and the machine's load (Linux).
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { createInterface } from 'node:readline';

const TICKS_PER_SECOND = 100;

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Peak resident memory since the last reset, in bytes; 0 where the system does not tell. */
function peakMemoryBytes(pid) {
  const match = /^VmHWM:\s+(\d+) kB/m.exec(readText(`/proc/${pid}/status`));
  return match ? Number(match[1]) * 1024 : 0;
}

function resetPeakMemory(pid) {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Not Linux, or not ours: the peak then includes loading.
  }
}

/** CPU seconds used so far by the whole machine and by one process. */
function cpuSeconds(pid) {
  const machine = readText('/proc/stat').split('\n')[0].trim().split(/\s+/).slice(1).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = machine;
  const fields = readText(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? [];
  return {
    machine: (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND,
    own: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND,
  };
}

/** Runs a command to its end; throws with the end of its error output when it fails. */
export function runQuietly(command, args, options = {}) {
  return runLines(command, args, () => {}, options);
}

/** Runs a command and hands each JSON line of its output to a function, with the process id. */
export function runLines(command, args, onEvent, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let errors = '';
    child.stderr.on('data', (text) => (errors = (errors + text).slice(-4000)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) onEvent(JSON.parse(line), child.pid);
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`${command} ${args[0]} ended with ${code}:\n${errors.trim()}`)),
    );
  });
}

/**
 * Runs one arm and measures it between its first and its last step, so that loading and the first step's warm-up
 * count on neither side. `stepTokens` holds the real tokens of every step.
 */
export async function measureRun(command, args, stepTokens) {
  const steps = stepTokens.length;
  const losses = [];
  let first;
  let last;
  let failure;
  await runLines(command, args, (event, pid) => {
    if (event.type === 'error') failure = event.message;
    if (event.type !== 'step') return;
    losses.push(event.loss);
    const now = { time: performance.now(), cpu: cpuSeconds(pid) };
    if (event.step === 1) {
      resetPeakMemory(pid);
      first = now;
    }
    if (event.step === steps) last = { ...now, memory: peakMemoryBytes(pid) };
  }).catch((error) => {
    throw failure ? new Error(failure) : error;
  });
  if (!first || !last) throw new Error(`${command}: ${losses.length} of ${steps} steps were reported`);
  const seconds = (last.time - first.time) / 1000;
  const machine = last.cpu.machine - first.cpu.machine;
  const own = last.cpu.own - first.cpu.own;
  return {
    tokensPerSecond: stepTokens.slice(1).reduce((sum, tokens) => sum + tokens, 0) / seconds,
    seconds,
    peakMemoryBytes: last.memory,
    loss: losses.slice(-20).reduce((sum, loss) => sum + loss, 0) / Math.min(20, losses.length),
    firstLoss: losses[0],
    othersCpuShare: Math.max(0, machine - own) / (seconds * os.availableParallelism()),
  };
}

/** Make and abilities of this machine's CPU. */
export function describeCpu() {
  const flags = /^flags\s*:(.*)$/m.exec(readText('/proc/cpuinfo'))?.[1] ?? '';
  const has = (flag) => flags.split(' ').includes(flag);
  return {
    model: os.cpus()[0]?.model ?? 'unknown',
    cores: os.availableParallelism(),
    avx512: has('avx512f'),
    bf16: has('avx512_bf16') || has('amx_bf16'),
    amx: has('amx_tile'),
  };
}
