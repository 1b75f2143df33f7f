// Measures chat against node-llama-cpp alone: time to the first token and tokens a second, in alternating pairs.
//
// Usage: node scripts/bench/chat.mjs --data DIR [--pairs 24] [--write]
//
// DIR is the copy of a data folder with a trained adapter; the bench adds one conversation to it. Every question is asked
// once through the app (the method chat.send, a kept conversation) and once with contexts of node-llama-cpp alone, whose
// histories are as warm as they can be. A question that the adapter hands over needs both prefills on either side. Both
// sides take the same messages, threads, cache types and greedy choice; which of them begins changes with every second pair.
//
// Beside the time of a token stands its processor time, which another program on the machine does not lengthen. --write
// writes docs/results/chat-speed.md.
import { parseArgs } from 'node:util';
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promptMessages } from '../../electron/core/models/prompt.ts';
import { compose } from '../../electron/hosts/compose.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    pairs: { type: 'string', default: '24' },
    write: { type: 'boolean', default: false },
  },
});
if (values.data === undefined) throw new Error('Give --data DIR.');
const pairs = Number(values.pairs);
const threads = Math.ceil((Number(process.env.KEEPSAKE_THREADS) || availableParallelism()) / 2);

const app = compose({ data: values.data, access: 'write' });
const adapter = app.services.adapters.active();
if (adapter === null) throw new Error('The data folder has no active adapter.');
const base = await app.services.models.resolve(undefined);
const encoder = await import('../../electron/platform/llama-runtime.ts').then(({ createLlamaRuntime }) =>
  createLlamaRuntime().load(base.file),
);

const llama = await getLlama({
  gpu: false,
  build: 'never',
  skipDownload: true,
  logLevel: LlamaLogLevel.fatal,
  maxThreads: 0,
});
const model = await llama.loadModel({ modelPath: base.file, gpuLayers: 0 });
const open = async (file) => {
  const context = await model.createContext({
    contextSize: 4096 > model.trainContextSize ? model.trainContextSize : 4096,
    sequences: 1,
    threads,
    batchSize: 512,
    flashAttention: false,
    experimentalKvCacheKeyType: 'F16',
    experimentalKvCacheValueType: 'F16',
    ...(file === null ? {} : { lora: { adapters: [{ filePath: file, scale: 1 }] } }),
  });
  return context.getSequence();
};
const alone = { adapter: await open(adapter.file), base: await open(null) };

/** Milliseconds of processor time that this program has taken. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The first token and the others on one sequence, with what it has read already kept. */
async function answerAlone(sequence, prompt, count) {
  const { firstDifferentIndex } = sequence.compareContextTokens(prompt);
  const kept = Math.min(firstDifferentIndex, prompt.length - 2);
  if (sequence.nextTokenIndex > kept) {
    await sequence.eraseContextTokenRanges([{ start: kept, end: sequence.nextTokenIndex }]);
  }
  const tokens = [];
  let first = 0;
  let firstCpu = 0;
  let last = 0;
  let lastCpu = 0;
  for await (const token of sequence.evaluate(prompt.slice(kept), { temperature: 0, yieldEogToken: true })) {
    if (tokens.length === 0) {
      first = performance.now();
      firstCpu = processorTime();
    }
    if (model.isEogToken(token)) {
      if (tokens.length === 0) tokens.push(token);
      break;
    }
    tokens.push(token);
    last = performance.now();
    lastCpu = processorTime();
    model.detokenize([token]);
    if (tokens.length >= count) break;
  }
  return { tokens, first, last, cpu: lastCpu - firstCpu };
}

async function warmAlone(sequence, prompt) {
  const { firstDifferentIndex } = sequence.compareContextTokens(prompt);
  if (sequence.nextTokenIndex > firstDifferentIndex) {
    await sequence.eraseContextTokenRanges([{ start: firstDifferentIndex, end: sequence.nextTokenIndex }]);
  }
  const rest = prompt.slice(sequence.nextTokenIndex);
  if (rest.length > 0) await sequence.evaluateWithoutGeneratingNewTokens(rest);
}

const general = [
  'Explain in a few sentences how rain forms.',
  'Write a short paragraph about the history of bread.',
  'How does a bicycle stay upright?',
  'Describe how to boil an egg, step by step.',
  'What is photosynthesis? Answer in some sentences.',
  'Tell me about the planet Jupiter.',
  'Why is the sky blue? Explain it to a child.',
  'Give me some tips for sleeping better.',
  'How do I write a polite letter of complaint?',
  'What are the seasons and why do they change?',
  'Describe the life of a honey bee.',
  'How does a refrigerator work?',
];
// What is not in the weights rides in the prompt, with a question for it in another one; that is another measurement.
const proved = app.services.ledger.provedIds(adapter);
const facts = app.services.facts
  .listCurrent()
  .filter((fact) => fact.subject === 'me' && fact.source.type !== 'derived' && proved.has(fact.id));
if (facts.length === 0) throw new Error('The active adapter has learned no fact about the user.');
const own = facts.map((fact) => `What is my ${fact.attribute}?`);
const questions = Array.from({ length: pairs }, (_, index) =>
  index % 2 === 0 ? own[(index / 2) % own.length] : general[((index - 1) / 2) % general.length],
);

async function askApp(question, conversationId) {
  const begun = performance.now();
  let first = 0;
  let last = 0;
  let done;
  let id = conversationId;
  let pieces = 0;
  let firstCpu = 0;
  let lastCpu = 0;
  for await (const event of await app.client.chat.send({ question, conversationId })) {
    if (event.type === 'kept') id = event.conversation.id;
    if (event.type === 'text') {
      pieces += 1;
      last = performance.now();
      lastCpu = processorTime();
      if (first === 0) [first, firstCpu] = [last, lastCpu];
    }
    if (event.type === 'done') done = event;
  }
  return { id, done, first: first - begun, seconds: (last - first) / 1000, cpu: lastCpu - firstCpu, pieces };
}

/** The same question with node-llama-cpp alone: the adapter first, the base where it passes the question on. */
async function askAlone(prompt) {
  const begun = performance.now();
  let given = await answerAlone(alone.adapter, prompt, 256);
  const handedOver = model.isEogToken(given.tokens[0]);
  if (handedOver) given = await answerAlone(alone.base, prompt, 256);
  const tokens = given.tokens.filter((token) => !model.isEogToken(token));
  return {
    handedOver,
    first: given.first - begun,
    rate: (given.tokens.length - 1) / ((given.last - given.first) / 1000),
    cpu: given.cpu / (given.tokens.length - 1),
    text: model.detokenize(tokens).trim(),
  };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 1500));
const rows = [];
let conversationId = 'new';
let history = [];
// Loads the model, and tells which facts ride in the prompt.
const { done: hello } = await askApp('Hello', null);
await askApp('Tell me a story about a fox.', null);
const statements = hello.answer.bridged;
let forgotten = 0;
for (const [index, question] of questions.entries()) {
  const layOut = () =>
    promptMessages({
      systemText: app.services.systemText,
      statements,
      history: history.slice(forgotten),
      user: question,
    });
  let given;
  let single;
  const turns = [
    async () => {
      given = await askApp(question, conversationId);
      conversationId = given.id;
      forgotten = given.done.forgottenMessages ?? forgotten;
    },
    async () => {
      single = await askAlone(encoder.encodePrompt(layOut()));
    },
  ];
  for (const turn of index % 4 < 2 ? turns : turns.toReversed()) {
    // As long as a reader looks at an answer: what is read ahead is read.
    await pause();
    await turn();
  }
  const { answer } = given.done;
  rows.push({
    handedOver: single.handedOver,
    tokens: encoder.encodeText(answer.answer).length,
    app: given.first,
    alone: single.first,
    appCpu: given.pieces > 1 ? given.cpu / (given.pieces - 1) : null,
    aloneCpu: single.cpu,
    samePrompt: answer.bridged.join() === statements.join(),
    appRate: given.pieces > 1 ? (given.pieces - 1) / given.seconds : null,
    aloneRate: single.rate,
    same: single.text === answer.answer && single.handedOver === (answer.answeredBy === 'base'),
  });
  const said = { role: 'assistant', content: answer.answer };
  const next = encoder.encodePrompt([...layOut(), said, { role: 'user', content: 'a' }]).slice(0, -8);
  history = [...history, { role: 'user', content: question }, said];
  await pause();
  await warmAlone(alone.adapter, next);
  await warmAlone(alone.base, next);
}
const median = (numbers) => {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted.length === 0
    ? NaN
    : (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
};
const lines = [];
for (const [name, chosen] of [
  ['Kept', rows.filter((row) => !row.handedOver)],
  ['Handed over', rows.filter((row) => row.handedOver)],
]) {
  const app = median(chosen.map((row) => row.app));
  const alone = median(chosen.map((row) => row.alone));
  lines.push(
    `${name}: n = ${chosen.length}, first token ${app.toFixed(0)} ms, node-llama-cpp alone ${alone.toFixed(0)} ms, ` +
      `median of differences ${median(chosen.map((row) => row.app - row.alone)).toFixed(0)} ms (limit 50)`,
  );
}
const long = rows.filter((row) => row.tokens >= 32 && row.appRate !== null && row.same);
lines.push(
  `Tokens a second: n = ${long.length} equal answers of at least 32 tokens, ${median(long.map((row) => row.appRate)).toFixed(1)}, ` +
    `alone ${median(long.map((row) => row.aloneRate)).toFixed(1)}, median of ratios ${median(long.map((row) => row.appRate / row.aloneRate)).toFixed(3)} (limit .97)`,
  `Processor time of a token in them: ${median(long.map((row) => row.appCpu)).toFixed(1)} ms, alone ${median(long.map((row) => row.aloneCpu)).toFixed(1)} ms, ` +
    `median of ratios ${median(long.map((row) => row.aloneCpu / row.appCpu)).toFixed(3)}`,
  `${rows.filter((row) => row.same).length} of ${rows.length} answers are the same on both sides; ` +
    `${rows.filter((row) => row.samePrompt).length} had the same facts in the prompt.`,
);
for (const line of lines) console.log(line);
if (values.write) {
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), load at the end ${loadavg()[0].toFixed(1)}`;
  const text = [
    '# Chat beside node-llama-cpp alone',
    '',
    `\`node scripts/bench/chat.mjs --data COPY --pairs ${pairs} --write\`: every question once through \`chat.send\` of a kept`,
    'conversation and once with warm contexts of node-llama-cpp alone, with the same messages, threads and greedy choice, in',
    `alternating order. ${machine}, ${threads} thread${threads === 1 ? '' : 's'} for an answer, base ${base.name}.`,
    '',
    ...lines.map((line) => `- ${line}`),
    '',
  ].join('\n');
  writeFileSync(fileURLToPath(new URL('../../docs/results/chat-speed.md', import.meta.url)), text);
}
if (process.env.SHOW !== undefined) console.table(rows);
await app.dispose();
process.exit(0);
