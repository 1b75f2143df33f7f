// Measures chat against node-llama-cpp alone: time to the first token and tokens a second, in alternating pairs.
//
// Usage: node scripts/bench/chat.mjs --data DIR [--pairs 24]
//
// DIR is the copy of a data folder with a trained adapter; the bench adds one conversation to it. Every question is asked
// once through the app (the method chat.send, a kept conversation) and once with contexts of node-llama-cpp alone, whose
// histories are as warm as they can be. A question that the adapter hands over needs both prefills on either side.
import { parseArgs } from 'node:util';
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';
import { availableParallelism } from 'node:os';
import { promptMessages } from '../../electron/core/models/prompt.ts';
import { compose } from '../../electron/hosts/compose.ts';

const { values } = parseArgs({
  options: { data: { type: 'string' }, pairs: { type: 'string', default: '24' } },
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

/** The first token and the others on one sequence, with what it has read already kept. */
async function answerAlone(sequence, prompt, count) {
  const { firstDifferentIndex } = sequence.compareContextTokens(prompt);
  const kept = Math.min(firstDifferentIndex, prompt.length - 2);
  if (sequence.nextTokenIndex > kept) {
    await sequence.eraseContextTokenRanges([{ start: kept, end: sequence.nextTokenIndex }]);
  }
  const tokens = [];
  let first = 0;
  for await (const token of sequence.evaluate(prompt.slice(kept), { temperature: 0, yieldEogToken: true })) {
    if (tokens.length === 0) first = performance.now();
    tokens.push(token);
    model.detokenize([token]);
    if (tokens.length >= count || model.isEogToken(token)) break;
  }
  return { tokens, first, last: performance.now() };
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
const facts = app.services.facts
  .listCurrent()
  .filter((fact) => fact.subject === 'me' && fact.source.type !== 'derived');
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
  for await (const event of await app.client.chat.send({ question, conversationId })) {
    if (event.type === 'kept') id = event.conversation.id;
    if (event.type === 'text') {
      pieces += 1;
      last = performance.now();
      if (first === 0) first = last;
    }
    if (event.type === 'done') done = event;
  }
  return { id, done, first: first - begun, seconds: (last - first) / 1000, pieces };
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
    text: model.detokenize(tokens).trim(),
  };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 1500));
const rows = [];
let conversationId = 'new';
let history = [];
// Loads the model, and tells which facts ride in the prompt.
const { done: hello } = await askApp('Hello', null);
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
for (const [name, chosen] of [
  ['kept', rows.filter((row) => !row.handedOver)],
  ['handed over', rows.filter((row) => row.handedOver)],
]) {
  const app = median(chosen.map((row) => row.app));
  const alone = median(chosen.map((row) => row.alone));
  console.log(
    `${name}: n = ${chosen.length}, first token ${app.toFixed(0)} ms, node-llama-cpp alone ${alone.toFixed(0)} ms, ` +
      `median of differences ${median(chosen.map((row) => row.app - row.alone)).toFixed(0)} ms (limit 50)`,
  );
}
const long = rows.filter((row) => row.tokens >= 32 && row.appRate !== null);
console.log(
  `tokens a second: n = ${long.length} answers of at least 32 tokens, ${median(long.map((row) => row.appRate)).toFixed(1)}, ` +
    `alone ${median(long.map((row) => row.aloneRate)).toFixed(1)}, median of ratios ${median(long.map((row) => row.appRate / row.aloneRate)).toFixed(3)} (limit .97)`,
);
console.log(`${rows.filter((row) => row.same).length} of ${rows.length} answers are the same on both sides.`);
if (process.env.SHOW !== undefined) console.table(rows);
await app.dispose();
process.exit(0);
