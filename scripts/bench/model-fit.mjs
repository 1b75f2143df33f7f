// Compares the memory that model-fit estimates with what is used, on three shapes: the default base and two random
// models. Training: peak of the worker as its `done` event tells it. Chat: peak of a process that loads base and
// adapter as the app does and fills a context with each.
//
//   node scripts/bench/model-fit.mjs [--output docs/results/model-fit.md]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { estimateMemory } from '../../electron/core/models/model-fit.ts';
import { readModelFacts } from '../../electron/core/models/model-shape.ts';
import { dataPaths } from '../../electron/platform/data-paths.ts';
import { createMachine } from '../../electron/platform/machine.ts';
import { backendsFolder } from '../../electron/platform/program-paths.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const release = join(root, 'native-worker', 'build', 'release');
const contextTokens = 2048;
const sampleTokens = 128;
const rank = 16;
const threads = 2;

const shapes = [
  {
    quantisation: 'Q4_1',
    name: 'SmolLM2-135M, Q4_1 (30 layers of 576, 49,152 tokens)',
    file: dataPaths('.', '.', process.env).defaultModel,
  },
  {
    quantisation: 'Q8_0',
    name: 'qwen3, random, Q8_0 (12 layers of 768, feed-forward 3,072)',
    options: {
      arch: 'qwen3',
      type: 'q8_0',
      embd: 768,
      layers: 12,
      heads: 12,
      'kv-heads': 4,
      'head-dim': 64,
      ff: 3072,
    },
  },
  {
    quantisation: 'Q4_K',
    name: 'llama, random, Q4_K (16 layers of 1,024, feed-forward 4,096)',
    options: {
      arch: 'llama',
      type: 'q4_k',
      embd: 1024,
      layers: 16,
      heads: 16,
      'kv-heads': 4,
      'head-dim': 64,
      ff: 4096,
    },
  },
];

if (process.argv[2] === '--chat') {
  await chat(process.argv[3], process.argv[4]);
} else {
  measureAll();
}

function measureAll() {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-fit-'));
  try {
    const rows = shapes.map((shape, index) => measure(shape, join(folder, String(index)), folder));
    const text = report(rows);
    const at = process.argv.indexOf('--output');
    if (at > 0) writeFileSync(process.argv[at + 1], text);
    process.stdout.write(text);
    const worst = Math.max(
      ...rows.flatMap(({ chatOff, trainOff }) => [Math.abs(chatOff), Math.abs(trainOff)]),
    );
    process.exitCode = worst <= 0.15 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure({ name, quantisation, file, options }, stem) {
  const model = file ?? `${stem}.gguf`;
  if (options !== undefined) {
    const given = { ...options, context: 4096, output: model };
    execFileSync(
      join(release, 'make-tiny-model'),
      Object.entries(given).flatMap(([key, value]) => [`--${key}`, String(value)]),
    );
  }
  const { shape } = readModelFacts(model);
  const machine = createMachine();
  const path = process.env.KEEPSAKE_FIT_PATH ?? machine.productPath;
  const trained = train(model, stem, shape, path);
  const chatted = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), '--chat', model, trained.adapter],
    {
      encoding: 'utf8',
    },
  );
  if (chatted.status !== 0) throw new Error(chatted.stderr);
  const chatPeak = Number(chatted.stdout.trim().split('\n').at(-1));
  const memory = estimateMemory({
    shape,
    fileBytes: statSync(model).size,
    quantisation,
    chat: { contextTokens, contexts: 2, sequences: 1 },
    train: { rank, threads, sampleTokens, path },
  });
  return {
    name,
    path,
    chat: memory.chat.totalBytes,
    chatPeak,
    chatOff: memory.chat.totalBytes / chatPeak - 1,
    train: memory.train.totalBytes,
    trainPeak: trained.peak,
    trainPlan: trained.plan,
    trainOff: memory.train.totalBytes / trained.peak - 1,
  };
}

/** A few steps on samples of the longest length. */
function train(model, stem, shape, gemm) {
  const dataset = `${stem}.jsonl`;
  const lines = Array.from({ length: 32 }, (_, line) => {
    const tokens = Array.from(
      { length: sampleTokens },
      (_, at) => (line * 131 + at * 7) % Math.min(shape.vocabularySize, 250),
    );
    return JSON.stringify({ tokens, weights: tokens.map((_, at) => (at < 100 ? 0 : 1)) });
  });
  writeFileSync(dataset, `${lines.join('\n')}\n`);
  const config = `${stem}.json`;
  const adapter = `${stem}-adapter.gguf`;
  writeFileSync(
    config,
    JSON.stringify({
      protocol: 1,
      base: model,
      base_sha256: '',
      backends_dir: backendsFolder(root, process.platform, process.arch),
      device: 'cpu',
      threads,
      gemm,
      dataset,
      output: adapter,
      rank,
      alpha: 2 * rank,
      batch_size: 8,
      max_steps: 2,
      average_last: 0.15,
    }),
  );
  const { stdout, status, stderr } = spawnSync(join(release, 'keepsake-worker'), ['train', config], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const find = (type) => events.find((event) => event.type === type);
  return { adapter, peak: find('done').peak_memory_bytes, plan: find('plan').memory_bytes };
}

/** Loads base and adapter as the app does, fills a context with each, and prints the peak of this process. */
async function chat(model, adapter) {
  const { createLlamaRuntime } = await import('../../electron/platform/llama-runtime.ts');
  const runtime = createLlamaRuntime();
  const loaded = await runtime.load(model);
  const word = loaded.encodeText('a')[0] ?? 1;
  for (const adapterFile of [adapter, null]) {
    await loaded.generate({
      prompt: Array.from({ length: contextTokens - 32 }, () => word),
      adapterFile,
      maxTokens: 4,
      sampling: { kind: 'greedy' },
      firstToken: 'free',
    });
  }
  const peak = Number(/VmHWM:\s+(\d+) kB/u.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  await runtime.dispose();
  process.stdout.write(`${peak}\n`);
}

function report(rows) {
  const mb = (bytes) => (bytes / 1e6).toFixed(0);
  const percent = (value) => `${value > 0 ? '+' : ''}${(100 * value).toFixed(1)} %`;
  const lines = rows.map(
    (row) =>
      `| ${row.name} | ${mb(row.chat)} | ${mb(row.chatPeak)} | ${percent(row.chatOff)} | ${mb(row.train)} | ${mb(row.trainPeak)} | ${percent(row.trainOff)} | ${mb(row.trainPlan)} |`,
  );
  return `# Memory: estimated and used

\`node scripts/bench/model-fit.mjs --output docs/results/model-fit.md\`, one run for each shape. Chat: a context of
${contextTokens} tokens filled with the adapter and one with the base alone. Training: rank ${rank}, ${threads} threads, samples of ${sampleTokens}
tokens, ${rows[0].path} products. All in MB; "off" is estimate / used - 1, and more than 15 % either way fails.

| Shape | Chat, estimated | used | off | Training, estimated | used | off | worker's plan |
|---|---|---|---|---|---|---|---|
${lines.join('\n')}
`;
}
