import { describe, expect, it } from 'vitest';
import type { Message } from '../../../electron/contract/entities/training.ts';
import { fitHistory, type AskRequest } from '../../../electron/core/chat/answerer.ts';
import { createChatService } from '../../../electron/core/chat/chat-service.ts';
import type { GenerateRequest } from '../../../electron/core/dependencies.ts';
import { fakeModel, runtimeOf, type FakeAnswer } from '../../helpers/fake-model.ts';
import { createFactApp, shippedKinds } from '../../helpers/fact-app.ts';
import { aBase, anAdapter } from '../../helpers/models.ts';

function createChat(
  options: { readonly hasAdapter?: boolean; readonly proved?: boolean; readonly says?: FakeAnswer } = {},
) {
  const asked: GenerateRequest[] = [];
  const { facts } = createFactApp();
  facts.add({ attribute: 'city', value: 'Porto' });
  const adapter = options.hasAdapter === false ? undefined : anAdapter();
  const model = fakeModel(asked, 4000, options.says);
  const chat = createChatService({
    runtime: runtimeOf(model),
    kinds: shippedKinds,
    systemText: 'System.',
    listFacts: () => facts.list(),
    activeAdapter: () => adapter,
    resolveBase: () => Promise.resolve(aBase()),
    provedIds: () => new Set(options.proved === true ? facts.list().map((fact) => fact.id) : []),
  });
  const promptOf = (index: number): string => model.decode(asked[index]?.prompt ?? []);
  return { chat, facts, asked, promptOf };
}

const ask = (part: Partial<AskRequest> = {}): AskRequest => ({
  question: 'Where do I live?',
  arm: 'served',
  history: [],
  ...part,
});

describe('ask', () => {
  it('lets unproved facts ride in the prompt of the served arm and names them', async () => {
    const { chat, promptOf } = createChat();
    const given = await chat.ask(ask());
    expect(given.bridged).toEqual(['Your home city is Porto.']);
    expect(given).toMatchObject({ answer: 'Hello', answeredBy: 'adapter', adapterId: 'adapter-1' });
    expect(promptOf(0)).toContain('System.\n\nFacts about the user:\n- Your home city is Porto.');
  });

  it('leaves proved facts to the weights', async () => {
    const { chat, promptOf } = createChat({ proved: true });
    expect((await chat.ask(ask())).bridged).toEqual([]);
    expect(promptOf(0)).not.toContain('Porto');
  });

  it.each([
    ['tuned', false, true],
    ['both', true, true],
    ['prompt', true, false],
    ['base', false, false],
  ] as const)('gives the arm %s its own prompt and model', async (arm, hasFacts, usesAdapter) => {
    const { chat, asked, promptOf } = createChat({ proved: true });
    const given = await chat.ask(ask({ arm }));
    expect(promptOf(0).includes('Porto')).toBe(hasFacts);
    expect(asked[0]?.adapterFile !== null).toBe(usesAdapter);
    expect(given.adapterId !== null).toBe(usesAdapter);
  });

  it('is answered by the base with every fact while there is no adapter', async () => {
    const { chat } = createChat({ hasAdapter: false });
    const given = await chat.ask(ask());
    expect(given).toMatchObject({ answeredBy: 'base', adapterId: null });
    expect(given.bridged).toHaveLength(1);
  });

  it('is answered by the base from the one fact that is meant, as a context before the question', async () => {
    const { chat, facts, promptOf } = createChat({ hasAdapter: false });
    facts.add({ attribute: 'cat', value: 'Luna' });
    const given = await chat.ask(ask({ question: 'What did I name my cat?' }));
    expect(given.bridged).toEqual(['Your cat is Luna.']);
    expect(promptOf(0)).toContain('Answer the question from the context.');
    expect(promptOf(0)).toContain('Context: Your cat is Luna.\n\nQuestion: What did I name my cat?');
    expect((await chat.ask(ask({ question: 'What is the capital of France?' }))).bridged).toEqual([]);
    expect(promptOf(1)).not.toMatch(/context|Luna|Porto/iu);
  });

  it('is answered by the base without what was said before where its facts answer it', async () => {
    const { chat, promptOf } = createChat({ hasAdapter: false });
    const history: Message[] = [
      { role: 'user', content: 'Who was Robin Hood?' },
      { role: 'assistant', content: 'A legend.' },
    ];
    await chat.ask(ask({ question: 'Which city is my home?', history }));
    await chat.ask(ask({ question: 'Where did he live?', history }));
    expect([promptOf(0).includes('A legend.'), promptOf(1).includes('A legend.')]).toEqual([false, true]);
  });

  it('ends an answer that only repeats itself, but not one of a program', async () => {
    const says = (): readonly string[] => new Array<string>(40).fill('I am glad to know it. ');
    const { chat } = createChat({ says });
    expect((await chat.ask(ask())).answer).toBe('I am glad to know it.');
    const whole = await chat.complete({ model: 'keepsake', question: 'Well?', history: [] });
    expect(whole.answer.split('glad')).toHaveLength(41);
  });

  it('keeps the own system message of a program when the base answers', async () => {
    const { chat, promptOf } = createChat({ hasAdapter: false });
    const request = { question: 'Which city is my home?', history: [], systemText: 'Be brief.' };
    await chat.complete({ model: 'keepsake', ...request });
    expect(promptOf(0)).toContain('Be brief.');
    expect(promptOf(0)).toContain('Context: Your home city is Porto.');
  });

  it('refuses an empty question', async () => {
    const { chat } = createChat();
    await expect(chat.ask(ask({ question: ' \n' }))).rejects.toMatchObject({ code: 'invalid-input' });
  });

  it('is greedy unless a temperature is given', async () => {
    const { chat, asked } = createChat();
    await chat.ask(ask());
    await chat.ask(ask({ sampling: { temperature: 0.7, seed: 3 } }));
    expect(asked.map((each) => each.sampling)).toEqual([
      { kind: 'greedy' },
      { kind: 'sampled', temperature: 0.7, seed: 3 },
    ]);
  });
});

describe('the history', () => {
  const turns = (count: number): Message[] =>
    Array.from({ length: count }, (_, index): Message[] => [
      { role: 'user', content: `question ${index} ${'x'.repeat(100)}` },
      { role: 'assistant', content: `answer ${index}` },
    ]).flat();

  it('stays whole while it fits', () => {
    const parts = { systemText: 'System.', history: turns(3), user: 'And now?' };
    expect(fitHistory(fakeModel([]), parts)).toHaveLength(8);
  });

  it('loses its oldest turns when it does not, and begins with the user', () => {
    const model = fakeModel([], 1000);
    const messages = fitHistory(model, { systemText: 'System.', history: turns(20), user: 'And now?' });
    expect(model.encodePrompt(messages).length).toBeLessThan(1000 - 255);
    expect(messages.slice(0, 2).map((each) => each.role)).toEqual(['system', 'user']);
    expect(messages.at(-2)?.content).toBe('answer 19');
    expect(messages.length).toBeGreaterThan(4);
  });

  it('never drops the question itself', () => {
    const messages = fitHistory(fakeModel([], 10), { systemText: 'S', history: turns(2), user: 'And now?' });
    expect(messages.map((each) => each.role)).toEqual(['system', 'user']);
  });
});
