// usage: npm run bench:train -- [--json] [--rounds 3] [--steps 60] [--base FILE.gguf] [--threads 2]
//                                [--dataset FILE.jsonl | --synthetic] [--gemm auto|f32|bf16|ggml]
//                                [--peft-parts 1|2] [--keep]
// Trains the same 60 batches of the demo's dataset from the same start with the worker and with PyTorch/PEFT (F32,
// BF16 autocast), in alternating rounds, and compares real tokens/s, peak memory and loss. PEFT computes a batch in
// one padded piece or in two sorted by length, as the worker does: whichever is faster here (tried first). PyTorch (about 3 GB) is installed once into
// the git-ignored folder .bench/venv; KEEPSAKE_BENCH_VENV names another virtual environment that has it.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeSyntheticRows, readRows, splitByLength, writeBatches } from './bench-data.mjs';
import { describeCpu, measureRun, runQuietly } from './bench-process.mjs';
import { compareArms, formatReport, judgePeft } from './bench-report.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const peftScript = path.join(root, 'scripts/bench/peft-train.py');
const BASE_FILE = 'SmolLM2-135M-Instruct.Q4_1.gguf';
const BATCH_SIZE = 8;
const SEED = 42;

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '60' },
    threads: { type: 'string', default: '2' },
    gemm: { type: 'string', default: 'auto' },
    'peft-parts': { type: 'string' },
    synthetic: { type: 'boolean', default: false },
    dataset: { type: 'string' },
    base: { type: 'string' },
  },
});

function say(text) {
  process.stderr.write(`${text}\n`);
}

function need(file, remedy) {
  if (!existsSync(file)) throw new Error(`${file} is missing: ${remedy}`);
  return file;
}

/** The Python of the virtual environment, made and filled first where it is not there. */
async function preparePython() {
  const folder = process.env.KEEPSAKE_BENCH_VENV ?? path.join(root, '.bench/venv');
  const python = path.join(folder, 'bin/python');
  if (process.env.KEEPSAKE_BENCH_VENV)
    return need(python, 'KEEPSAKE_BENCH_VENV must name a virtual environment');
  const requirements = path.join(root, 'scripts/reference/requirements.txt');
  const stamp = path.join(folder, 'requirements.sha256');
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return python;
  say('Installing PyTorch and PEFT into .bench/venv (about 3 GB, once) ...');
  await runQuietly('python3', ['-m', 'venv', folder]);
  await runQuietly(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
  writeFileSync(stamp, wanted);
  return python;
}

function findBase() {
  const cache = process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache');
  const file = options.base ?? path.join(cache, 'keepsake/models', BASE_FILE);
  return path.resolve(need(file, 'run "npm run bootstrap" first, or name a file with --base'));
}

function makeConfig(folder, base, steps) {
  const platform = `${os.platform() === 'darwin' ? 'mac' : 'linux'}-${os.arch()}`;
  return {
    protocol: 1,
    run_id: 'bench',
    base,
    base_sha256: '',
    backends_dir: path.join(root, 'node_modules/@node-llama-cpp', platform, 'bins', platform),
    device: 'cpu',
    threads: Number(options.threads),
    gemm: options.gemm,
    dataset: path.join(folder, 'batches.jsonl'),
    probes: '',
    probe_every: 0,
    output: path.join(folder, 'adapter.gguf'),
    checkpoint: '',
    checkpoint_every_s: 100000,
    resume: false,
    rank: 16,
    alpha: 32,
    target_modules: ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'ffn_gate', 'ffn_up', 'ffn_down'],
    seed: SEED,
    learning_rate: 1e-3,
    final_lr_fraction: 0.1,
    schedule: 'linear',
    warmup_steps: 10,
    weight_decay: 0,
    beta1: 0.9,
    beta2: 0.999,
    eps: 1e-8,
    max_grad_norm: 1,
    batch_size: BATCH_SIZE,
    epochs: steps,
    max_steps: steps,
    init_adapter: path.join(folder, 'start.gguf'),
    metadata: {},
  };
}

function writeConfig(folder, name, config) {
  const file = path.join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(config));
  return file;
}

async function runRounds(folder, python, worker, config, data) {
  const start = { ...config, converted: await convertBase(python, config, folder) };
  await runQuietly(python, [peftScript, 'init', writeConfig(folder, 'init', start)]);
  const peftParts = await choosePeftParts(folder, python, start, data);
  const peft = { ...start, batches: peftBatches(data, peftParts) };
  const arms = [
    ['worker', worker, ['train', writeConfig(folder, 'worker', config)]],
    ['peftF32', python, [peftScript, 'train', writeConfig(folder, 'peft-f32', { ...peft, mode: 'f32' })]],
    ['peftBf16', python, [peftScript, 'train', writeConfig(folder, 'peft-bf16', { ...peft, mode: 'bf16' })]],
  ];
  const rounds = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    const results = {};
    for (let i = 0; i < arms.length; i++) {
      const [name, command, args] = arms[(i + round) % arms.length];
      rmSync(config.output, { force: true });
      results[name] = await measureRun(command, args, data.stepTokens);
      say(
        `round ${round + 1} ${name}: ${results[name].tokensPerSecond.toFixed(1)} tokens/s, loss ${results[name].loss.toFixed(4)}`,
      );
    }
    rounds.push(results);
  }
  return { rounds, peftParts };
}

/** The rows of every step, in as many micro-batches as asked for. */
function peftBatches(data, parts) {
  return data.batches.map((batch) => splitByLength(batch, data.rows, parts));
}

/** In how many parts PEFT computes a batch faster on this machine: six steps of each. */
async function choosePeftParts(folder, python, peft, data) {
  if (options['peft-parts'] !== undefined) return Number(options['peft-parts']);
  const stepTokens = data.stepTokens.slice(0, 6);
  const speeds = [];
  for (const parts of [1, 2]) {
    const batches = peftBatches(data, parts).slice(0, 6);
    const file = writeConfig(folder, 'peft-try', { ...peft, batches, mode: 'bf16' });
    speeds.push((await measureRun(python, [peftScript, 'train', file], stepTokens)).tokensPerSecond);
  }
  say(`PEFT in one part: ${speeds[0].toFixed(0)} tokens/s, in two: ${speeds[1].toFixed(0)}`);
  return speeds[1] > speeds[0] ? 2 : 1;
}

/** The rows to train on: a file's, the demo's own, or made-up ones. */
async function readBatchRows(folder, base, count) {
  if (options.synthetic) return { rows: makeSyntheticRows(count, 49000, SEED), source: 'synthetic samples' };
  if (options.dataset)
    return { rows: readRows(path.resolve(options.dataset), count, SEED), source: options.dataset };
  const file = path.join(folder, 'demo.jsonl');
  await runQuietly(process.execPath, [path.join(root, 'scripts/bench/demo-dataset.mjs'), base, file]);
  return { rows: readRows(file, count, SEED), source: "the demo's dataset (persona 1, 25 facts)" };
}

/** Dequantises the base once and keeps it in the git-ignored folder .bench. */
async function convertBase(python, config, folder) {
  const identity = createHash('sha256').update(readFileSync(config.base)).digest('hex').slice(0, 16);
  const converted = path.join(root, '.bench/converted', identity);
  if (existsSync(path.join(converted, 'model.safetensors'))) return converted;
  say('Dequantising the base for PyTorch ...');
  mkdirSync(converted, { recursive: true });
  await runQuietly(python, [peftScript, 'convert', writeConfig(folder, 'convert', { ...config, converted })]);
  return converted;
}

async function main() {
  if (options.help) {
    say(
      readFileSync(fileURLToPath(import.meta.url), 'utf8')
        .split('\nimport ')[0]
        .replaceAll('// ', ''),
    );
    return;
  }
  const worker = need(
    path.join(root, 'native-worker/build/release/keepsake-worker'),
    'run "npm run bootstrap" first',
  );
  const base = findBase();
  const steps = Number(options.steps);
  const python = await preparePython();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'keepsake-bench-'));
  try {
    const config = makeConfig(folder, base, steps);
    const count = steps * BATCH_SIZE;
    const { rows, source } = await readBatchRows(folder, base, count);
    const data = { rows, ...writeBatches(config.dataset, rows, BATCH_SIZE) };
    const { rounds, peftParts } = await runRounds(folder, python, worker, config, data);
    const compared = compareArms(rounds);
    const cpu = describeCpu();
    const verdict = judgePeft(compared.arms, cpu);
    const result = {
      type: 'result',
      cpu,
      threads: config.threads,
      steps,
      batchSize: BATCH_SIZE,
      peftParts,
      dataset: {
        source,
        tokens: data.stepTokens.reduce((sum, tokens) => sum + tokens, 0),
      },
      ...compared,
      ratioCounts: verdict.counts,
      notes: verdict.notes,
    };
    process.stdout.write(`${options.json ? JSON.stringify(result) : formatReport(result)}\n`);
  } finally {
    if (options.keep) say(`Files kept in ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  const message = error instanceof Error ? error.message : String(error);
  if (options.json)
    process.stdout.write(`${JSON.stringify({ error: { code: 'bench-failed', message, hint: '' } })}\n`);
  say(message);
  process.exitCode = 1;
});
