import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI, { APIError } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compose } from '../../electron/hosts/compose.ts';
import { serveOpenAi, type Serving } from '../../electron/hosts/openai/serve.ts';
import { smolShape, writeAdapter } from '../helpers/adapter-file.ts';
import { anAdapter } from '../helpers/models.ts';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';

let data: string;
let serving: Serving;
let client: OpenAI;
let factId: string;

/** What the command line's `ask` does, in a process of its own kind: opened, asked, closed. */
async function ask(question: string, arm: 'served' | 'base') {
  const app = compose({ data, access: 'read' });
  try {
    return await app.client.chat.ask({ question, arm });
  } finally {
    await app.dispose();
  }
}

async function write<Result>(work: (app: ReturnType<typeof compose>) => Promise<Result>): Promise<Result> {
  const app = compose({ data, access: 'write' });
  try {
    return await work(app);
  } finally {
    await app.dispose();
  }
}

const question = (content: string): OpenAI.Chat.ChatCompletionMessageParam[] => [{ role: 'user', content }];

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'keepsake öpenai '));
  await write(async ({ client: keepsake, services }) => {
    factId = (await keepsake.facts.add({ attribute: 'city', value: 'Porto' })).id;
    const base = await services.models.resolve(undefined);
    const file = join(data, 'profiles', 'default', 'adapters', 'a.gguf');
    mkdirSync(join(data, 'profiles', 'default', 'adapters'), { recursive: true });
    writeAdapter(file, smolShape, 1, 0.05);
    services.adapters.insertCandidate(anAdapter({ id: 'adapter-a', file, baseModelId: base.id }));
    services.adapters.setVerdict('adapter-a', { approved: true, reasons: [] });
    services.adapters.setActive('adapter-a');
  });
  serving = await serveOpenAi({ data, profile: undefined, port: 0, keyFile: undefined, newKey: false });
  client = new OpenAI({ apiKey: serving.key, baseURL: serving.url, maxRetries: 0 });
});
afterAll(async () => {
  await serving.close();
  rmSync(data, { recursive: true, force: true });
});

describe('the official client', () => {
  it('lists the models with a key that only the owner may read', async () => {
    expect((await client.models.list()).data.map((model) => model.id)).toEqual(['keepsake', 'base']);
    expect(statSync(serving.keyFile).mode & 0o777).toBe(0o600);
    expect(Buffer.from(serving.key.replace('keepsake-', ''), 'base64url')).toHaveLength(32);
    const wrong = new OpenAI({ apiKey: 'x', baseURL: serving.url, maxRetries: 0 });
    await expect(wrong.models.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
    await expect(
      client.chat.completions.create({ model: 'gpt-4o', messages: question('Hi') }),
    ).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
    const tools = client.chat.completions.create({
      model: 'keepsake',
      messages: question('Hi'),
      tools: [{ type: 'function', function: { name: 'x' } }],
    });
    await expect(tools).rejects.toBeInstanceOf(APIError);
    await expect(tools).rejects.toMatchObject({ status: 400, param: 'tools' });
  });

  it.each([
    ['keepsake', 'served'],
    ['base', 'base'],
  ] as const)('gets from %s the answer that `ask` gives, whole and streamed', async (model, arm) => {
    const text = 'Which city do I live in?';
    const expected = await ask(text, arm);
    const whole = await client.chat.completions.create({ model, messages: question(text) });
    expect(whole.choices[0]?.message.content).toBe(expected.answer);
    expect(whole).toMatchObject({
      keepsake: { answered_by: expected.answeredBy, bridged: expected.bridged.length },
    });
    expect(whole.usage?.completion_tokens).toBeGreaterThan(0);
    let streamed = '';
    let finish: string | null = null;
    let tokens = 0;
    const stream = await client.chat.completions.create({
      model,
      messages: question(text),
      stream: true,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) {
      streamed += chunk.choices[0]?.delta.content ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
      tokens = chunk.usage?.total_tokens ?? tokens;
    }
    expect([streamed, finish, tokens]).toEqual([
      expected.answer,
      whole.choices[0]?.finish_reason,
      whole.usage?.total_tokens,
    ]);
  });

  it('sees a fact that was edited and forgotten meanwhile in its next request', async () => {
    const text = 'Which city do I live in?';
    const bridgedNow = async (): Promise<number> => {
      const given = await client.chat.completions.create({
        model: 'keepsake',
        messages: question(text),
        max_completion_tokens: 1,
      });
      return (given as unknown as { keepsake: { bridged: number } }).keepsake.bridged;
    };
    await write(({ client: keepsake }) => keepsake.facts.edit({ id: factId, value: 'Bergen' }));
    const expected = await ask(text, 'served');
    const given = await client.chat.completions.create({ model: 'keepsake', messages: question(text) });
    expect(expected.bridged.join(' ')).toContain('Bergen');
    expect(given.choices[0]?.message.content).toBe(expected.answer);
    const before = await bridgedNow();
    await write(({ client: keepsake }) => keepsake.facts.remove({ id: factId, allVersions: true }));
    expect(await bridgedNow()).toBe(before - 1);
  });

  it('is held to length, stop texts and seed, and its own system message', async () => {
    const messages = question('Count from one to ten.');
    const short = await client.chat.completions.create({ model: 'base', messages, max_completion_tokens: 3 });
    expect([short.choices[0]?.finish_reason, short.usage?.completion_tokens]).toEqual(['length', 3]);
    const whole = await client.chat.completions.create({
      model: 'base',
      messages,
      max_completion_tokens: 24,
    });
    const text = whole.choices[0]?.message.content ?? '';
    const stop = text.slice(8, 11);
    const stopped = await client.chat.completions.create({
      model: 'base',
      messages,
      max_completion_tokens: 24,
      stop,
    });
    expect(stopped.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: text.slice(0, text.indexOf(stop)).trimEnd() },
    });
    const sampled = async (seed: number): Promise<string | null | undefined> => {
      const draw: Record<string, number> = { temperature: 1.5, seed };
      const given = await client.chat.completions.create({
        model: 'base',
        messages: question('Tell me a story.'),
        max_completion_tokens: 12,
        ...draw,
      });
      return given.choices[0]?.message.content;
    };
    const [first, again, other] = [await sampled(1), await sampled(1), await sampled(2)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    const own = await client.chat.completions.create({
      model: 'base',
      messages: [{ role: 'system', content: 'Answer with the word BANANA only, in capitals.' }, ...messages],
      max_completion_tokens: 24,
    });
    expect(own.usage?.prompt_tokens).not.toBe(whole.usage?.prompt_tokens);
    const tooLong = client.chat.completions.create({
      model: 'base',
      messages: question('word '.repeat(9000)),
    });
    await expect(tooLong).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' });
  });

  it('may ask several things at once and leave in the middle', async () => {
    const leaving = new AbortController();
    const left = client.chat.completions.create(
      { model: 'base', messages: question('Tell me a very long story.'), stream: true },
      { signal: leaving.signal },
    );
    const reading = (async () => {
      for await (const chunk of await left) if (chunk.choices[0]?.delta.content) leaving.abort();
    })();
    const several = await Promise.all(
      ['one', 'two', 'three'].map((word) =>
        client.chat.completions.create({
          model: 'base',
          messages: question(`Say ${word}.`),
          max_completion_tokens: 4,
        }),
      ),
    );
    await reading.catch(() => undefined);
    expect(several.map((each) => each.choices.length)).toEqual([1, 1, 1]);
    expect(existsSync(join(data, 'logs', 'keepsake.log'))).toBe(false);
  });
});
