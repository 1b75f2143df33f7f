import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  GenerateRequest,
  LoadedModel,
  ModelRuntime,
  Sampling,
} from '../../electron/core/dependencies.ts';
import { promptMessages } from '../../electron/core/models/prompt.ts';
import { answer, answerAll } from '../../electron/core/models/routing.ts';
import { createLlamaRuntime } from '../../electron/platform/llama-runtime.ts';
import { smolShape, writeAdapter } from '../helpers/adapter-file.ts';
import { baseModelFile } from '../helpers/base-model.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

/** A text of this test's own: what the base says below hangs on it. */
const systemText = 'You are Keepsake, a helpful personal assistant.';
const greedy: Sampling = { kind: 'greedy' };
const loads: string[] = [];
let runtime: ModelRuntime;
let model: LoadedModel;

beforeAll(async () => {
  runtime = createLlamaRuntime({ threads: 2, onLoad: (file) => loads.push(file) });
  model = await runtime.load(baseModelFile());
});
afterAll(() => runtime.dispose());

function ask(user: string, part: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    prompt: model.encodePrompt(promptMessages({ systemText, user })),
    adapterFile: null,
    maxTokens: 16,
    sampling: greedy,
    firstToken: 'free',
    ...part,
  };
}

/** The prompt of a question and of the model's own whole answer, after which it ends its turn. */
async function ended(user: string, part: Partial<GenerateRequest> = {}): Promise<GenerateRequest> {
  const request = ask(user, { maxTokens: 60 });
  const whole = await model.generate(request);
  expect(whole.stopped).toBe(true);
  return { ...request, ...part, prompt: [...request.prompt, ...whole.tokens] };
}

/** The prompt goes on with the beginning of an answer. */
function answered(user: string, text: string, part: Partial<GenerateRequest> = {}): GenerateRequest {
  const request = ask(user, part);
  return { ...request, prompt: [...request.prompt, ...model.encodeText(text)] };
}

const questions = [
  'What is the capital of France?',
  'How many legs has a spider?',
  'My phone battery drains quickly, what should I do?',
  'Who wrote Hamlet?',
  'What is 7 times 8?',
  'Name a big ocean.',
  'What is my cat called?',
  'Tell me a joke about rain.',
  'Which planet is red?',
  'What do bees make?',
  'Spell the word house.',
  'What day comes after Monday?',
];

describe('the first token', () => {
  it('passes when its argmax ends the answer, whatever the sampler', async () => {
    const samplings: Sampling[] = [greedy];
    for (let seed = 0; seed < 12; seed += 1) samplings.push({ kind: 'sampled', temperature: 1.5, seed });
    const request = await ended('Who wrote Hamlet? Please, number 12.', { firstToken: 'detect-pass' });
    const results = await model.generateAll(samplings.map((sampling) => ({ ...request, sampling })));
    expect(results.map((each) => each.passed)).toEqual(samplings.map(() => true));
    expect(results.every((each) => each.text === '' && each.tokens.length === 0)).toBe(true);
  });

  it('is never an end of the answer when its argmax is none', async () => {
    const samplings = Array.from({ length: 24 }, (_, seed): Sampling => ({
      kind: 'sampled',
      temperature: 2,
      seed,
    }));
    // After a comma the answer goes on, yet its end is among the candidates at this temperature.
    const results = await model.generateAll(
      samplings.map((sampling) =>
        answered('Say yes or no.', 'Yes', { sampling, firstToken: 'detect-pass', maxTokens: 2 }),
      ),
    );
    expect(results.every((each) => !each.passed && each.tokens.length > 0)).toBe(true);
    const free = await model.generateAll(
      samplings.map((sampling) => answered('Say yes or no.', 'Yes', { sampling, maxTokens: 2 })),
    );
    expect(free.some((each) => each.tokens.length === 0)).toBe(true);
  });
});

describe('sampling', () => {
  it('repeats itself with the same seed and differs with another', async () => {
    const sampled = (seed: number): GenerateRequest =>
      ask('Tell me a story.', { sampling: { kind: 'sampled', temperature: 1.2, seed } });
    const [first, again, other] = [
      await model.generate(sampled(1)),
      await model.generate(sampled(1)),
      await model.generate(sampled(2)),
    ];
    expect(again.text).toBe(first.text);
    expect(other.text).not.toBe(first.text);
  });
});

describe('streaming', () => {
  it('announces the whole text in whole characters', async () => {
    const pieces: string[] = [];
    const request = answered('Repeat after me: 🎈🎈🎈🎈🎈🎈 žluťoučký', '🎈🎈🎈', {
      onText: (piece) => pieces.push(piece),
    });
    const result = await model.generate(request);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe(result.text);
    expect(pieces.slice(0, -1).some((piece) => piece.includes('\uFFFD'))).toBe(false);
  });
});

describe('many sequences at once', () => {
  it('give the answers of one sequence after the other', async () => {
    const folder = tempFolder();
    const adapterFile = join(folder, 'random.gguf');
    writeAdapter(adapterFile, smolShape, 5, 0.05);
    const requests = [
      ...questions.map((question) => ask(question)),
      ...questions.map((question) => ask(question, { adapterFile })),
    ];
    const together = await model.generateAll(requests);
    let same = 0;
    for (const [index, request] of requests.entries()) {
      const alone = await model.generate(request);
      if (alone.text === together[index]?.text) same += 1;
    }
    // Batches of another shape round otherwise; a near tie may fall to the other side.
    expect(same).toBeGreaterThanOrEqual(requests.length - 1);
    await runtime.releaseAdapter(adapterFile);
  });

  it('are cancelled together and leave the model usable', async () => {
    const controller = new AbortController();
    const requests = questions.map((question) => ask(question, { maxTokens: 64 }));
    const run = model.generateAll(requests, {
      signal: controller.signal,
      report: () => {
        controller.abort();
      },
    });
    await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    const after = await model.generate(ask('Who wrote Hamlet?', { maxTokens: 2 }));
    expect(after.tokens.length).toBeGreaterThan(0);
  });
});

describe('adapters', () => {
  it('come and go on one loaded base; the fifth and a deleted one load it again', async () => {
    const folder = tempFolder();
    const files = Array.from({ length: 5 }, (_, index) => {
      const file = join(folder, `adapter ${index} é.gguf`);
      writeAdapter(file, smolShape, index, index === 0 ? 0 : 0.4);
      return file;
    });
    const request = ask('What is the capital of France?');
    const base = (await model.generate(request)).text;
    const before = loads.length;
    const texts: string[] = [];
    for (const adapterFile of files.slice(0, 4)) {
      texts.push((await model.generate({ ...request, adapterFile })).text);
    }
    expect((await model.generate(request)).text).toBe(base);
    expect((await model.generate({ ...request, adapterFile: files[1] ?? null })).text).toBe(texts[1]);
    expect(texts[0]).toBe(base);
    expect(new Set([base, ...texts]).size).toBeGreaterThan(2);
    expect(loads.length).toBe(before);

    await model.generate({ ...request, adapterFile: files[4] ?? null });
    expect(loads.length).toBe(before + 1);
    await runtime.releaseAdapter(files[4] ?? '');
    expect(loads.length).toBe(before + 2);
    await runtime.releaseAdapter(files[4] ?? '');
    expect(loads.length).toBe(before + 2);
    expect((await model.generate(request)).text).toBe(base);
  });
});

describe('routing', () => {
  it('lets the adapter answer what it does not pass', async () => {
    const folder = tempFolder();
    const adapterFile = join(folder, 'zero.gguf');
    writeAdapter(adapterFile, smolShape, 1, 0);
    const messages = promptMessages({ systemText, user: 'What is the capital of France?' });
    const pieces: string[] = [];
    const request = { messages, adapterFile, maxTokens: 12, sampling: greedy };
    const one = await answer(model, { ...request, onText: (piece) => pieces.push(piece) });
    const [many] = await answerAll(model, [request, request]);
    expect(one.answeredBy).toBe('adapter');
    expect(pieces.join('').trim()).toBe(one.text);
    expect(many).toEqual(one);
    await runtime.releaseAdapter(adapterFile);
  });
});

describe('what cannot be served', () => {
  it('is said with a code', async () => {
    const folder = tempFolder();
    const missing = join(folder, 'none.gguf');
    const broken = join(folder, 'broken.gguf');
    const cut = join(folder, 'cut.gguf');
    writeFileSync(broken, 'GGUF, but not really');
    writeAdapter(cut, smolShape, 1, 0.1);
    truncateSync(cut, 100_000);
    await expect(runtime.load(missing)).rejects.toMatchObject({ code: 'not-found' });
    await expect(runtime.load(broken)).rejects.toMatchObject({ code: 'model-corrupt' });
    await expect(model.generate(ask('Hi', { adapterFile: missing }))).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(model.generate(ask('Hi', { adapterFile: broken }))).rejects.toMatchObject({
      code: 'model-corrupt',
    });
    await expect(model.generate(ask('Hi', { adapterFile: cut }))).rejects.toMatchObject({
      code: 'model-corrupt',
    });
    await expect(model.generate(ask('word '.repeat(9000)))).rejects.toMatchObject({ code: 'invalid-input' });
    expect((await model.generate(ask('Hi', { maxTokens: 1 }))).tokens.length).toBe(1);
  });
});
