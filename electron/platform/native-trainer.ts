/**
 * The native worker behind the core's `Trainer`: spawned, listened to, ended politely and then firmly.
 *
 * The message is trusted first, the exit code second, silence never: after 60 s without a line the worker is ended.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Device } from '../contract/entities/device.ts';
import { AppError, errorCodes, type ErrorCode } from '../contract/errors.ts';
import type { MergeRequest, ModelInspection, Trainer, TrainerOutcome } from '../core/dependencies.ts';
import {
  parseDevice,
  parseInspection,
  parseWorkerMessage,
  protocolVersion,
  toTrainerEvent,
  type WorkerMessage,
} from '../core/training/trainer-protocol.ts';
import { isPaused } from '../core/jobs/pause.ts';
import { faultPoint } from '../core/util/fault-point.ts';
import { readJsonLines } from './json-lines.ts';
import { scoreSequences } from './native-score.ts';
import { watchSilence } from './silence.ts';
import { createStopper } from './worker-stopper.ts';

export type NativeTrainerOptions = {
  /** The worker program. */
  readonly program: string;
  /** Folder of ggml's CPU plug-ins. */
  readonly backendsDir: string;
  /** Plug-in files of other devices. Defaults to none. */
  readonly backends?: readonly string[];
  /** Defaults to the number of physical cores, minus one from four up. */
  readonly threads?: number;
  /** Silence after which the worker counts as hung. Defaults to 60 s. */
  readonly silenceMs?: number;
};

/** A trainer that runs the worker program for each call. */
export function createNativeTrainer(options: NativeTrainerOptions): Trainer {
  const cores = Math.max(1, cpus().length);
  return {
    backendsDir: options.backendsDir,
    backends: options.backends ?? [],
    threads: options.threads ?? (cores >= 4 ? cores - 1 : cores),
    train: async (configFile, { signal, logFile, onEvent }) => {
      let outcome: TrainerOutcome | undefined;
      await runWorker(options, ['train', configFile, '--parent-pipe'], {
        signal,
        logFile,
        onMessage: (message, worker) => {
          faultPoint(`trainer.${message.type}`, { worker });
          const event = toTrainerEvent(message);
          if (event !== undefined) onEvent(event);
          else if (message.type === 'done') outcome = toOutcome(message);
          else if (message.type === 'cancelled')
            outcome = { state: 'cancelled', step: message.step, reason: message.reason };
        },
      });
      if (outcome === undefined) {
        throw new AppError('worker-failed', 'The training program ended without a result.', {
          hint: 'Run the same command again: it goes on from the last checkpoint.',
        });
      }
      return outcome;
    },
    score: async (request, { signal } = {}) =>
      scoreSequences((args, hooks) => runWorker(options, args, hooks), options.backendsDir, request, signal),
    inspect: async (modelFile, { signal } = {}) => inspectModel(options, modelFile, signal),
    checkAdapter: async (baseFile, adapterFile, { signal } = {}) =>
      checkAdapter(options, baseFile, adapterFile, signal),
    merge: async (request, mergeOptions) => mergeModel(options, request, mergeOptions),
    devices: async ({ signal } = {}) => listDevices(options, signal),
  };
}

type RunOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly logFile?: string;
  readonly onMessage?: (message: WorkerMessage, worker: number | undefined) => void;
  readonly onOther?: (value: unknown) => void;
};

async function runWorker(
  options: NativeTrainerOptions,
  args: readonly string[],
  { signal, logFile, onMessage, onOther }: RunOptions,
): Promise<void> {
  if (!existsSync(options.program)) {
    throw new AppError('setup-missing', `The training program is missing: ${options.program}.`, {
      hint: 'Build it with: npm run build:worker',
    });
  }
  const child = spawn(options.program, [...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, GGML_NO_BACKTRACE: '1' },
  });
  const ended = waitForEnd(child);
  child.stdin.on('error', () => undefined);
  const log = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a' });
  log?.on('error', () => undefined);
  let lastWords = '';
  child.stderr.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString('utf8')).slice(-2_000);
    log?.write(chunk);
  });
  const stop = createStopper(child);
  const stopPolitely = (): void => {
    stop.politely(signal !== undefined && isPaused(signal) ? 'pause' : 'cancel');
  };
  signal?.addEventListener('abort', stopPolitely);
  if (signal?.aborted === true) stopPolitely();
  const silence = watchSilence({ limitMs: options.silenceMs ?? 60_000, onHung: stop.now });
  let failure: AppError | undefined;
  try {
    for await (const line of readJsonLines(child.stdout)) {
      silence.heard();
      if (!line.ok) {
        failure ??= protocolError(
          `it wrote a line that is ${line.reason === 'too-long' ? 'too long' : 'not JSON'}: ${line.start}`,
        );
        stop.firmly();
        continue;
      }
      failure ??= readMessage(line.value, (message) => onMessage?.(message, child.pid), onOther);
      if (failure?.code === 'worker-protocol') stop.firmly();
    }
    const end = await ended;
    if (failure !== undefined) throw failure;
    if (silence.isHung()) {
      throw new AppError('worker-failed', 'The training program stopped answering and was ended.', {
        hint: 'Run the same command again: it goes on from the last checkpoint.',
      });
    }
    if (end.error !== undefined) {
      throw new AppError(
        'worker-failed',
        `The training program could not be started: ${end.error.message}.`,
        {
          cause: end.error,
        },
      );
    }
    if (end.code !== 0 && end.code !== 3) throw exitError(end, lastWords);
  } finally {
    signal?.removeEventListener('abort', stopPolitely);
    silence.stop();
    stop.done();
    log?.end();
  }
}

function readMessage(
  value: unknown,
  onMessage: (message: WorkerMessage) => void,
  onOther: RunOptions['onOther'],
): AppError | undefined {
  onOther?.(value);
  let message: WorkerMessage | undefined;
  try {
    message = parseWorkerMessage(value);
  } catch (cause) {
    return protocolError('a message has another shape than the protocol says', cause);
  }
  if (message === undefined) return undefined;
  if (message.type === 'hello' && message.protocol > protocolVersion) {
    return protocolError(`it speaks protocol ${message.protocol}, this app speaks ${protocolVersion}`);
  }
  if (message.type === 'error') return workerError(message.code, message.message, message.hint);
  onMessage(message);
  return undefined;
}

function protocolError(what: string, cause?: unknown): AppError {
  return new AppError('worker-protocol', `The training program cannot be understood: ${what}.`, {
    hint: 'Build the training program again with: npm run build:worker',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Codes of the worker (PROTOCOL.md) that have another name here; the rest are equal or a failure of the worker. */
const codesOfWorker: Readonly<Partial<Record<string, ErrorCode>>> = {
  'out-of-memory': 'not-enough-memory',
  'model-missing': 'not-found',
  'device-missing': 'invalid-input',
  'bad-command': 'internal',
  'bad-config': 'internal',
  'bad-dataset': 'internal',
};

function workerError(code: string, message: string, hint: string | undefined): AppError {
  const known = codesOfWorker[code] ?? errorCodes.find((each) => each === code) ?? 'worker-failed';
  return new AppError(known, message, hint === undefined ? {} : { hint });
}

type End = { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly error?: Error };

function waitForEnd(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

function exitError(end: End, lastWords: string): AppError {
  // Nothing but the system, when memory runs out, ends a program like that unasked; a person may have done it too.
  const isKilled = end.signal === 'SIGKILL';
  const how = end.signal === null ? `with exit code ${end.code ?? '?'}` : `by signal ${end.signal}`;
  const said = lastWords.trim().split('\n').at(-1) ?? '';
  const codes: Partial<Record<number, ErrorCode>> = { 4: 'not-enough-memory', 5: 'model-unsupported' };
  return new AppError(codes[end.code ?? -1] ?? 'worker-failed', `The training program was ended ${how}.`, {
    hint: isKilled
      ? 'If other programs took the memory, close some. Then run the same command again: it goes on from the last checkpoint.'
      : 'Run the same command again: it goes on from the last checkpoint.',
    cause: said,
  });
}

function toOutcome(message: Extract<WorkerMessage, { type: 'done' }>): TrainerOutcome {
  return {
    state: 'done',
    output: message.output,
    steps: message.steps,
    tokens: message.tokens,
    seconds: message.seconds,
    loss: message.loss,
    peakMemoryBytes: message.peak_memory_bytes,
  };
}

/** Runs a command that answers and trains nothing. */
async function ask(
  options: NativeTrainerOptions,
  command: string,
  config: Readonly<Record<string, unknown>>,
  signal: AbortSignal | undefined,
  onOther: (value: unknown) => void,
): Promise<void> {
  await withConfig({ backends_dir: options.backendsDir, ...config }, {}, (configFile) =>
    runWorker(options, [command, configFile], { signal, onOther }),
  );
}

function isOfType(value: unknown, type: string): boolean {
  return (value as { type?: unknown } | null)?.type === type;
}

async function listDevices(
  options: NativeTrainerOptions,
  signal: AbortSignal | undefined,
): Promise<readonly Device[]> {
  const devices: Device[] = [];
  await ask(options, 'devices', { backends: options.backends ?? [] }, signal, (value) => {
    if (isOfType(value, 'device')) devices.push(parseDevice(value));
  });
  return devices;
}

async function inspectModel(
  options: NativeTrainerOptions,
  modelFile: string,
  signal: AbortSignal | undefined,
): Promise<ModelInspection> {
  let result: ModelInspection | undefined;
  await ask(options, 'inspect', { model: modelFile, forward: true }, signal, (value) => {
    if (!isOfType(value, 'inspect')) return;
    const found = parseInspection(value);
    result = {
      architecture: found.architecture,
      name: found.general_name,
      supported: found.supported,
      reason: found.reason ?? null,
      isAdapter: found.is_adapter,
      hasChatTemplate: found.has_chat_template,
      contextLength: found.n_ctx_train,
      quantisation: mostCommonType(found.tensor_types),
    };
  });
  if (result === undefined) throw protocolError('it said nothing about the model');
  return result;
}

/** The cheapest `score` there is: two tokens, with the weights as the file has them. */
async function checkAdapter(
  options: NativeTrainerOptions,
  baseFile: string,
  adapterFile: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const sample = { id: 'check', tokens: [0, 1], weights: [0, 1] };
  const answers: boolean[] = [];
  const config = { base: baseFile, adapter: adapterFile, gemm: 'ggml', backends_dir: options.backendsDir };
  await withConfig(
    { ...config, dataset: 'samples.jsonl' },
    { 'samples.jsonl': sample },
    async (configFile) => {
      await runWorker(options, ['score', configFile], {
        signal,
        onOther: (value) => {
          const scored = value as { type?: unknown; log_prob?: unknown } | null;
          if (scored?.type === 'score') answers.push(Number.isFinite(scored.log_prob));
        },
      });
    },
  );
  if (answers.length > 0 && !answers.includes(false)) return;
  throw new AppError(
    'model-unsupported',
    'The adapter makes the base answer with values that are not numbers.',
    {
      hint: 'Get the adapter again from where it was made.',
    },
  );
}

async function mergeModel(
  options: NativeTrainerOptions,
  request: MergeRequest,
  { signal, onPhase, onWarning }: Parameters<Trainer['merge']>[1],
): Promise<{ bytes: number; seconds: number }> {
  let done: { bytes: number; seconds: number } | undefined;
  const ends: string[] = [];
  const config = { ...request, backends_dir: options.backendsDir, threads: options.threads ?? cpus().length };
  await withConfig(config, {}, async (configFile) => {
    await runWorker(options, ['merge', configFile, '--parent-pipe'], {
      signal,
      onMessage: (message) => {
        if (message.type === 'phase') onPhase(message.name);
        else if (message.type === 'warning') onWarning(message.message);
        else if (message.type === 'done') done = { bytes: message.bytes, seconds: message.seconds };
        ends.push(message.type);
      },
    });
  });
  if (ends.includes('cancelled'))
    throw new AppError('cancelled', 'The merge was stopped. Nothing was written.');
  if (done === undefined) throw new AppError('worker-failed', 'The merge ended without a result.');
  return done;
}

/** Runs `work` with a configuration file that lives as long as it; JSON files beside it go by their names. */
async function withConfig(
  config: Readonly<Record<string, unknown>>,
  files: Readonly<Record<string, unknown>>,
  work: (configFile: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-worker-'));
  try {
    for (const [name, value] of Object.entries(files)) {
      writeFileSync(join(folder, name), `${JSON.stringify(value)}\n`);
    }
    const placed = Object.entries({ protocol: protocolVersion, ...config }).map(([key, value]) => [
      key,
      typeof value === 'string' && value in files ? join(folder, value) : value,
    ]);
    const configFile = join(folder, 'config.json');
    writeFileSync(configFile, JSON.stringify(Object.fromEntries(placed)));
    await work(configFile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The type of most tensors that are not F32 (norms always are). */
function mostCommonType(types: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(types).sort((left, right) => right[1] - left[1]);
  const quantised = sorted.find(([name]) => name.toUpperCase() !== 'F32') ?? sorted[0];
  return quantised?.[0]?.toUpperCase() ?? 'unknown';
}
