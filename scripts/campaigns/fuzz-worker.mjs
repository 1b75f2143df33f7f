// Malformed inputs for the trainer program, built with the address and undefined-behaviour sanitizers. Each input is one
// start of the program, as the app starts it; what it may do is end with an exit code of PROTOCOL.md and an event.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  llamaLibrariesFolder,
  llamaSourceFolder,
  nativeBuildFolder,
  onednnFolder,
  projectRoot,
} from '../lib/paths.mjs';
import { runCommand } from '../lib/run-command.mjs';

const buildFolder = join(nativeBuildFolder, 'asan');
const program = join(buildFolder, 'keepsake-worker');
const limitMs = 5000;

/** Builds the worker with sanitizers; again only where sources changed (CMake decides). */
export async function buildSanitized() {
  const worker = join(projectRoot, 'native-worker');
  const steps = [
    [
      ...['-S', worker, '-B', buildFolder, '-DCMAKE_BUILD_TYPE=Debug', '-DCMAKE_CXX_FLAGS=-O1'],
      ...['-DKEEPSAKE_SANITIZE=ON', '-DKEEPSAKE_TESTS=ON', `-DKEEPSAKE_LLAMA_SRC=${llamaSourceFolder}`],
      ...[
        `-DKEEPSAKE_LLAMA_LIBS=${llamaLibrariesFolder()}`,
        `-DKEEPSAKE_ONEDNN=${existsSync(onednnFolder) ? onednnFolder : ''}`,
      ],
    ],
    [
      ...['--build', buildFolder, '--parallel', String(availableParallelism())],
      ...['--target', 'keepsake-worker', 'make-tiny-model'],
    ],
  ];
  for (const args of steps) {
    const { status, output } = await runCommand('cmake', args, { log: 'worker-sanitized' });
    if (status !== 0) throw new Error(`cmake ${args[0]} failed:\n${output.slice(-2000)}`);
  }
}

const goodDataset = [
  { tokens: [256, 72, 105, 63, 72, 111, 257], weights: [0, 0, 0, 0, 1, 1, 1], kind: 'fact' },
  {
    tokens: [256, 87, 104, 111, 63, 74, 111, 257],
    weights: [0, 0, 0, 0, 0, 1, 1, 1],
    kind: 'fact',
    epochs: [0],
  },
]
  .map((line) => `${JSON.stringify(line)}\n`)
  .join('');

/** Prepares a folder with a tiny base and a trained adapter; gives the targets by name. */
export async function prepareWorkerTargets(folder) {
  mkdirSync(folder, { recursive: true });
  const base = join(folder, 'base.gguf');
  const made = await runCommand(
    join(buildFolder, 'make-tiny-model'),
    [
      '--output',
      base,
      '--embd',
      '64',
      '--ff',
      '64',
      '--layers',
      '1',
      '--heads',
      '2',
      '--kv-heads',
      '1',
      '--type',
      'q8_0',
    ],
    { log: 'fuzz-model' },
  );
  if (made.status !== 0) throw new Error(made.output);
  writeFileSync(join(folder, 'good.jsonl'), goodDataset);
  const train = {
    ...{
      protocol: 1,
      run_id: 'fuzz',
      base,
      base_sha256: '',
      backends_dir: llamaLibrariesFolder(),
      device: 'cpu',
    },
    ...{ threads: 1, gemm: 'f32', dataset: join(folder, 'good.jsonl'), probes: '', probe_every: 0 },
    ...{ output: join(folder, 'adapter.gguf'), checkpoint: '', resume: false, rank: 4, alpha: 8 },
    ...{
      target_modules: ['attn_q', 'ffn_down'],
      seed: 1,
      learning_rate: 1e-3,
      schedule: 'linear',
      warmup_steps: 1,
    },
    ...{ batch_size: 2, epochs: 1, max_steps: 2, metadata: { 'keepsake.run_id': 'fuzz' } },
  };
  const score = {
    protocol: 1,
    base,
    backends_dir: train.backends_dir,
    dataset: train.dataset,
    adapter: '',
    gemm: 'f32',
  };
  const first = await runOnce(folder, 'train', JSON.stringify(train));
  if (first.exitCode !== 0) throw new Error(`the valid training failed: ${first.stdout}${first.stderr}`);
  const damagedPath = join(folder, 'damaged');
  const withFile = (command, config) => async (bytes) => {
    writeFileSync(damagedPath, bytes);
    return runOnce(folder, command, JSON.stringify(config));
  };
  // Relative names, so that a damaged configuration writes nowhere else.
  const relative = { ...train, output: 'out.gguf', base: 'base.gguf', dataset: 'good.jsonl' };
  return {
    'worker: GGUF header': {
      documents: [readFileSync(base)],
      focus: 0.05,
      run: withFile('inspect', {
        protocol: 1,
        model: damagedPath,
        forward: true,
        backends_dir: train.backends_dir,
      }),
    },
    'worker: adapter': {
      documents: [readFileSync(train.output)],
      focus: 0.15,
      run: withFile('score', { ...score, adapter: damagedPath }),
    },
    'worker: run configuration': {
      documents: [JSON.stringify(relative), JSON.stringify(relative, null, 1)].map((text) =>
        Buffer.from(text),
      ),
      texts: true,
      run: (bytes) => runOnce(folder, 'train', bytes),
    },
    'worker: dataset lines': {
      documents: [Buffer.from(goodDataset)],
      texts: true,
      run: withFile('train', { ...train, dataset: damagedPath, output: join(folder, 'out.gguf') }),
    },
    'worker: protocol lines': {
      documents: ['{"type":"cancel"}\n', '{"type":"pause"}\n', '{"type":"status"}\n{"type":"cancel"}\n'].map(
        (text) => Buffer.from(text),
      ),
      texts: true,
      run: (bytes) =>
        runOnce(folder, 'train', JSON.stringify({ ...train, output: join(folder, 'out.gguf') }), bytes),
    },
  };
}

/** Starts the program once; gives how it took its input. */
function runOnce(folder, command, config, stdin = '') {
  rmSync(join(folder, 'out.gguf'), { force: true });
  const configFile = join(folder, 'config.json');
  writeFileSync(configFile, config);
  return new Promise((resolve) => {
    const child = spawn(program, [command, configFile], {
      cwd: folder,
      env: {
        ...process.env,
        GGML_NO_BACKTRACE: '1',
        // Past a gigabyte the sanitizer ends the program, which counts as broken.
        ASAN_OPTIONS: 'detect_leaks=0:allocator_may_return_null=0:hard_rss_limit_mb=1000',
        UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
      },
    });
    let stdout = '';
    let stderr = '';
    let isStepping = false;
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, limitMs);
    child.stdout.on('data', (chunk) => {
      stdout = (stdout + chunk).slice(-20_000);
      // A damaged number of steps may be a large one: training is not hanging.
      if (!isStepping && stdout.includes('"type":"step"')) {
        isStepping = true;
        setTimeout(() => child.kill('SIGTERM'), 300).unref();
      }
    });
    child.stderr.on('data', (chunk) => (stderr = (stderr + chunk).slice(-20_000)));
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer);
      resolve({
        ...judge({ exitCode, signal, stdout, stderr, isLate, isStepping }),
        exitCode,
        stdout,
        stderr,
      });
    });
  });
}

function judge({ exitCode, signal, stdout, stderr, isLate, isStepping }) {
  const complaint =
    /(ERROR: AddressSanitizer[^\n]*|runtime error:[^\n]*|GGML_ASSERT[^\n]*|hard rss limit[^\n]*)/.exec(
      stderr,
    );
  if (complaint) return { taken: 'broken', what: complaint[1] };
  if (isLate) return { taken: 'broken', what: `silent for ${limitMs / 1000} s` };
  if (signal !== null && !isStepping)
    return { taken: 'broken', what: `ended by ${signal}: ${stderr.slice(-200)}` };
  const events = stdout.split('\n').filter((line) => line.startsWith('{'));
  let last;
  try {
    last = JSON.parse(events.at(-1) ?? '');
  } catch {
    return { taken: 'broken', what: `no event at its end (exit code ${exitCode}): ${stderr.slice(-200)}` };
  }
  if (exitCode === 0 || exitCode === 3) return { taken: 'accepted' };
  if (last.type !== 'error' || last.code === 'internal') {
    return { taken: 'broken', what: `exit code ${exitCode} with ${JSON.stringify(last).slice(0, 200)}` };
  }
  return { taken: 'refused' };
}
