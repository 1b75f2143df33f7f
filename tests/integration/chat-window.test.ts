import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../electron/contract/entities/chat.ts';
import type { Message } from '../../electron/contract/entities/training.ts';
import type { LoadedModel, ModelRuntime, WarmRequest } from '../../electron/core/dependencies.ts';
import { createLlamaRuntime } from '../../electron/platform/llama-runtime.ts';
import { compose, type ComposedApp } from '../../electron/hosts/compose.ts';
import { baseModelFile } from '../helpers/base-model.ts';
import { tempFolderOfSuite } from '../helpers/temp-folder.ts';

/** The window's chat on the real model: no adapter, facts in the prompt. */
const suite = tempFolderOfSuite();
const warmed: WarmRequest[] = [];
let runtime: ModelRuntime;
let app: ComposedApp;

beforeAll(async () => {
  const real = createLlamaRuntime({ threads: 2 });
  const watched = (model: LoadedModel): LoadedModel => ({
    ...model,
    warm: async (request, options) => {
      warmed.push(request);
      await model.warm?.(request, options);
    },
  });
  runtime = { ...real, load: async (file, options) => watched(await real.load(file, options)) };
  app = compose({ data: suite.path, access: 'write', runtime });
  await app.client.models.add({ file: baseModelFile() });
  await app.client.facts.add({ attribute: 'cat', value: 'Luna' });
});
afterAll(async () => {
  await app.dispose();
});

async function send(
  question: string,
  part: { readonly conversationId?: string | null; readonly signal?: AbortSignal } = {},
): Promise<ChatEvent[]> {
  const { conversationId = 'new', signal } = part;
  const events: ChatEvent[] = [];
  const stream = await app.client.chat.send(
    { question, conversationId },
    signal === undefined ? {} : { signal },
  );
  for await (const event of stream) events.push(event);
  return events;
}

const idOf = (events: readonly ChatEvent[]): string =>
  events.flatMap((event) => (event.type === 'kept' ? [event.conversation.id] : []))[0] ?? '';
const answerOf = (events: readonly ChatEvent[]) =>
  events.flatMap((event) => (event.type === 'done' ? [event] : []))[0];

describe('chat of the window on the real model', () => {
  it('streams an answer that rests on the prompt, keeps it, and finds it again', async () => {
    const events = await send('What is the name of my cat?');
    const done = answerOf(events);
    const texts = events.flatMap((event) => (event.type === 'text' ? [event.text] : []));
    expect(texts.length).toBeGreaterThan(1);
    expect(texts.join('').trim()).toBe(done?.answer.answer);
    expect(done?.answer.answer).toContain('Luna');
    expect(done?.message?.basis).toMatchObject({ from: 'prompt', bridged: ['Your cat is Luna.'] });
    const found = await app.client.conversations.list({ search: 'luna' });
    expect(found.conversations.map((each) => each.id)).toEqual([idOf(events)]);
    const { messages } = await app.client.conversations.get({ id: idOf(events) });
    expect(messages.map((each) => each.text)).toEqual(['What is the name of my cat?', done?.answer.answer]);
  });

  it('gives the same answers whether the history was read ahead or with the question', async () => {
    const id = idOf(await send('Say yes.'));
    const second = await send('Say it again.', { conversationId: id });
    expect(warmed.length).toBeGreaterThan(0);
    const { messages } = await app.client.conversations.get({ id });
    const history: Message[] = messages.slice(0, 2).map((each) => ({ role: each.role, content: each.text }));
    // Another prompt lies in between, so that nothing of the history is left.
    await app.client.chat.ask({ question: 'Hi.', arm: 'base' });
    const again = await app.client.chat.ask({ question: 'Say it again.', history });
    expect(again.answer).toBe(answerOf(second)?.answer.answer);
  });

  it('keeps what was said until it was stopped, and goes on', async () => {
    const stop = new AbortController();
    let id = '';
    const reading = (async () => {
      const stream = await app.client.chat.send(
        { question: 'Tell me a long story about the sea.', conversationId: 'new' },
        { signal: stop.signal },
      );
      let pieces = 0;
      for await (const event of stream) {
        if (event.type === 'kept') id = event.conversation.id;
        if (event.type === 'text' && (pieces += 1) === 5) stop.abort();
      }
    })();
    await expect(reading).rejects.toThrow();
    await expect
      .poll(async () => (await app.client.conversations.get({ id })).messages[1], { timeout: 5000 })
      .toMatchObject({ role: 'assistant', stopped: true, text: expect.stringMatching(/\S/u) as string });
    expect(answerOf(await send('Thank you.', { conversationId: id }))?.answer.answer).not.toBe('');
  });

  it('leaves a question alone in the folder when it was killed', async () => {
    const stream = await app.client.chat.send({ question: 'Killed in the middle?', conversationId: 'new' });
    const first = (await stream.next()).value as ChatEvent | undefined;
    const copy = join(suite.path, '..', 'copy');
    cpSync(suite.path, copy, { recursive: true });
    await stream.return();
    const later = compose({ data: copy, access: 'read', detached: true });
    const id = first?.type === 'kept' ? first.conversation.id : '';
    const { messages } = await later.client.conversations.get({ id });
    expect(messages.map((each) => [each.role, each.text])).toEqual([['user', 'Killed in the middle?']]);
    await later.dispose();
  });

  it('writes no word of a temporary chat, and proposes facts of a kept one', async () => {
    const before = await app.client.conversations.list({});
    await send('My dog is called Rexhidden.', { conversationId: null });
    expect((await app.client.conversations.list({})).total).toBe(before.total);
    expect((await app.client.proposals.list({})).total).toBe(0);
    const done = answerOf(await send('My dog is called Rex.'));
    const { proposals } = await app.client.proposals.list({});
    expect(proposals.map((each) => [each.id, each.statement, each.quote])).toEqual([
      [done?.proposals?.[0], 'Your dog is Rex.', 'My dog is called Rex.'],
    ]);
  });

  it('names the conversations that still say a fact that was forgotten', async () => {
    const { facts } = await app.client.facts.list({});
    const { conversations } = await app.client.facts.remove({ id: facts[0]?.id ?? '' });
    const first = conversations?.find((each) => each.title === 'What is the name of my cat?');
    expect(first).toBeDefined();
    const { messages } = await app.client.conversations.get({ id: first?.id ?? '' });
    expect(messages[1]?.basis).toMatchObject({ factIds: [], bridged: [] });
  });
});

describe('the plain base', () => {
  it('is given the fact that a question asks for without naming it, and answers from it', async () => {
    await app.client.facts.add({ attribute: 'home city', value: 'Porto' });
    const { answer, bridged } = await app.client.chat.ask({ question: 'Where do I live?', arm: 'served' });
    expect(bridged).toEqual(['Your home city is Porto.']);
    expect(answer).toContain('Porto');
  });
});
