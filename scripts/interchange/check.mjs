// usage: KEEPSAKE_PYTHON=VENV/bin/python node scripts/interchange/check.mjs --data FOLDER [--questions 60]
//          [--max-tokens 24] [--steps 60] [--only gguf,peft,f16,q8_0,import] [--keep FOLDER]
// Does an adapter say the same everywhere? FOLDER is a data folder with a trained adapter on SmolLM2 (the demo leaves
// one). Its adapter is exported and merged by the command line; recall and abstention questions are asked of base +
// adapter and of each of these files, greedily, and the answers compared: in this app's runtime (libllama) and in
// PyTorch/PEFT. Then PEFT trains an adapter of its own, with unequal ranks and alphas, which is imported and compared
// the other way round. Python needs torch, transformers, peft and gguf (scripts/reference/requirements.txt).
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadBenchmarks } from '../../electron/core/evaluation/benchmarks.ts';
import { isRight } from '../../electron/core/evaluation/score-answer.ts';
import { buildQuestionSet } from '../../electron/core/evaluation/question-set.ts';
import { promptMessages } from '../../electron/core/models/prompt.ts';
import { loadTemplates } from '../../electron/core/variations/templates.ts';
import { compose } from '../../electron/hosts/compose.ts';
import { createLlamaRuntime } from '../../electron/platform/llama-runtime.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const resources = path.join(root, 'resources');
const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    questions: { type: 'string', default: '60' },
    'max-tokens': { type: 'string', default: '24' },
    steps: { type: 'string', default: '60' },
    only: { type: 'string', default: 'gguf,peft,f16,q8_0,import' },
    keep: { type: 'string' },
  },
});
if (options.data === undefined) throw new Error('Name a data folder with --data.');
const data = path.resolve(options.data);
const wanted = new Set(options.only.split(','));
const python = process.env.KEEPSAKE_PYTHON ?? 'python3';
const maxTokens = Number(options['max-tokens']);
const work =
  options.keep === undefined
    ? mkdtempSync(path.join(os.tmpdir(), 'keepsake-check-'))
    : path.resolve(options.keep);
mkdirSync(work, { recursive: true });

function say(text) {
  process.stderr.write(`${text}\n`);
}

/** One command of the command line, its result as JSON. */
function keepsake(...args) {
  const main = path.join(root, 'electron/hosts/cli/main.ts');
  const text = execFileSync(process.execPath, [main, ...args, '--data', data, '--json'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(text.trimEnd().split('\n').at(-1));
}

/** One run of the Python side; its lines as JSON. */
function peft(command, config) {
  const file = path.join(work, `${command}.json`);
  writeFileSync(file, JSON.stringify(config));
  const script = path.join(root, 'scripts/interchange/peft-check.py');
  const text = execFileSync(python, [script, command, file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64 * 1024 * 1024,
  });
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

/** Recall and abstention questions about the facts, spread over the whole set. */
async function readQuestions() {
  const app = compose({ data, access: 'read' });
  try {
    const { facts } = await app.client.facts.list({ limit: 1000 });
    const all = app.services.facts.list();
    const benchmarks = loadBenchmarks(resources);
    const set = buildQuestionSet({
      facts: all.filter((fact) => fact.current || fact.validTo !== null),
      kinds: app.services.kinds,
      templates: loadTemplates(resources),
      benchmarks,
      seed: 42,
      size: 'small',
    });
    const pick = (kind, count) => {
      const of = set.filter((question) => question.kind === kind && question.bridge === undefined);
      return Array.from(
        { length: Math.min(count, of.length) },
        (_, index) => of[Math.floor((index * of.length) / count)],
      );
    };
    const count = Number(options.questions);
    const questions = [
      ...pick('recall', Math.round((count * 2) / 3)),
      ...pick('abstain', Math.round(count / 3)),
    ];
    const { activeAdapterId, adapters } = await app.client.adapters.list({});
    const adapter = adapters.find((each) => each.id === activeAdapterId);
    if (adapter === undefined) throw new Error('The data folder has no active adapter.');
    const base = app.services.models.get(adapter.baseModelId);
    const score = {
      abstentionPatterns: benchmarks.abstentionPatterns,
      storedValues: facts.map((fact) => fact.value),
    };
    return { questions, adapter, base, score, systemText: app.services.systemText };
  } finally {
    await app.dispose();
  }
}

const { questions, adapter, base, score, systemText } = await readQuestions();
const runtime = createLlamaRuntime();
const model = await runtime.load(base.file);
const prompts = questions.map((question) =>
  model.encodePrompt(promptMessages({ systemText, user: question.question })),
);

async function askHere(loaded, adapterFile) {
  const requests = prompts.map((prompt) => ({
    prompt,
    adapterFile,
    maxTokens,
    sampling: { kind: 'greedy' },
    firstToken: 'free',
  }));
  return (await loaded.generateAll(requests)).map((each) => each.text.trim());
}

function toTexts(lines) {
  return lines.filter((line) => line.type === 'answer').map((line) => model.decode(line.tokens).trim());
}

function countRight(answers) {
  return questions.filter((question, index) =>
    isRight(question, { text: answers[index], answeredBy: 'adapter', stopped: true }, score),
  ).length;
}

const results = [];
function compare(name, reference, answers, extra = {}) {
  const same = answers.filter((answer, index) => answer === reference[index]).length;
  const result = {
    name,
    n: questions.length,
    same,
    right: countRight(answers),
    rightReference: countRight(reference),
    ...extra,
    differences: answers.flatMap((answer, index) =>
      answer === reference[index]
        ? []
        : [{ question: questions[index].question, reference: reference[index], answer }],
    ),
  };
  results.push(result);
  say(
    `${name}: the same ${same} of ${result.n}; right ${result.right}, base + adapter ${result.rightReference}`,
  );
}

const shared = {
  base: base.file,
  converted: path.join(work, 'converted'),
  prompts,
  max_tokens: maxTokens,
  threads: os.availableParallelism(),
  end: [model.endOfTurn],
};
const reference = await askHere(model, adapter.file);
say(`base + adapter: right ${countRight(reference)} of ${questions.length}`);

if (wanted.has('gguf')) {
  const output = path.join(work, 'export.gguf');
  keepsake('adapters', 'export', adapter.id, '--format', 'gguf', '--output', output, '--force');
  compare('GGUF export in libllama', reference, await askHere(model, output));
}
for (const type of ['f16', 'q8_0']) {
  if (!wanted.has(type)) continue;
  const output = path.join(work, `merged-${type}.gguf`);
  const { seconds } = keepsake(
    'merge',
    '--adapter',
    adapter.id,
    '--type',
    type,
    '--output',
    output,
    '--force',
  );
  const merged = await runtime.load(output);
  compare(`merged ${type} in libllama`, reference, await askHere(merged, null), {
    bytes: statSync(output).size,
    seconds,
  });
}
if (wanted.has('peft')) {
  const output = path.join(work, 'export-peft');
  keepsake('adapters', 'export', adapter.id, '--format', 'peft', '--output', output, '--force');
  peft('convert', shared);
  compare('PEFT export in PyTorch', reference, toTexts(peft('answer', { ...shared, adapter: output })));
}
if (wanted.has('import')) {
  const folder = path.join(work, 'from-peft');
  rmSync(folder, { recursive: true, force: true });
  peft('convert', shared);
  // Each question with its first right answer: enough to give the adapter something of its own to say.
  const samples = questions.map((question, index) => {
    const answer =
      question.kind === 'recall' ? `It is ${question.expected[0]}.` : "You haven't told me that.";
    const tokens = [...prompts[index], ...model.encodeText(answer), model.endOfTurn];
    return { tokens, weights: tokens.map((_, place) => (place >= prompts[index].length ? 1 : 0)) };
  });
  const lines = peft('train', {
    ...{ ...shared, adapter: folder, samples, steps: Number(options.steps), batch: 8 },
    ...{ rank: 8, alpha: 16, learning_rate: 2e-3, seed: 42 },
  });
  const { id } = keepsake('adapters', 'import', folder);
  const { adapters } = keepsake('adapters', 'list');
  const imported = adapters.find((each) => each.id === id);
  compare('adapter of PEFT, imported', toTexts(lines), await askHere(model, imported.file), {
    loss: lines.find((line) => line.type === 'trained').loss,
  });
  keepsake('adapters', 'delete', id);
}
await runtime.dispose();
if (options.keep === undefined) rmSync(work, { recursive: true, force: true });
process.stdout.write(`${JSON.stringify({ base: path.basename(base.file), maxTokens, results }, null, 2)}\n`);
const isGood = results.every(
  ({ same, n, right, rightReference, name }) =>
    same / n >= 0.95 && (name.startsWith('adapter of PEFT') || Math.abs(right - rightReference) / n <= 0.02),
);
process.exitCode = isGood ? 0 : 1;
