import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../../electron/contract/entities/chat.ts';
import type { Adapter } from '../../../electron/contract/entities/model.ts';
import { createChat } from '../../../electron/core/chat/create-chat.ts';
import type { WindowRequest } from '../../../electron/core/chat/window-chat.ts';
import type { GenerateRequest } from '../../../electron/core/dependencies.ts';
import { openMemoryDatabase } from '../../../electron/core/db/open-database.ts';
import { profileMigrations } from '../../../electron/core/db/migrations/index.ts';
import { createFactApp, resourcesFolder, shippedKinds } from '../../helpers/fact-app.ts';
import { fakeModel, runtimeOf, type FakeAnswer } from '../../helpers/fake-model.ts';
import { aBase, anAdapter } from '../../helpers/models.ts';

type Options = {
  readonly adapter?: Adapter | null;
  readonly proved?: boolean;
  /** No version is kept any more. */
  readonly isGone?: boolean;
  readonly answer?: FakeAnswer;
  readonly contextLength?: number;
  readonly assertFree?: () => void;
};

function create(options: Options = {}) {
  const asked: GenerateRequest[] = [];
  const { facts } = createFactApp();
  facts.add({ attribute: 'cat', value: 'Luna' });
  facts.add({ attribute: 'home city', value: 'Porto' });
  const factIds = facts.list().map((fact) => fact.id);
  const adapters = {
    active: options.adapter === null ? undefined : (options.adapter ?? anAdapter({ factIds })),
  };

  let next = 0;
  const proposed: string[] = [];
  const model = fakeModel(asked, options.contextLength, options.answer);
  const parts = createChat({
    db: openMemoryDatabase(profileMigrations),
    clock: { now: () => (next += 1) },
    newId: () => `id-${(next += 1)}`,
    runtime: runtimeOf(model),
    kinds: shippedKinds,
    systemText: 'System.',
    resources: resourcesFolder,
    listFacts: () => facts.list(),
    activeAdapter: () => adapters.active,
    findAdapter: (id) => {
      if (options.isGone === true) throw new Error('gone');
      return anAdapter({ id, factIds });
    },
    resolveBase: () => Promise.resolve(aBase()),
    provedIds: () => new Set(options.proved === true ? factIds : []),
    announceKept: () => undefined,
    assertFree: options.assertFree ?? (() => undefined),
    propose: (text) => {
      proposed.push(text);
      return text.startsWith('My ') ? ['proposal-1'] : [];
    },
  });
  const promptOf = (index: number): string => model.decode(asked[index]?.prompt ?? []);
  return { ...parts, asked, promptOf, facts, factIds, proposed, adapters };
}

const request = (part: Partial<WindowRequest> = {}): WindowRequest => ({
  question: 'What is my cat called?',
  arm: 'served',
  history: [],
  conversationId: 'new',
  compare: false,
  ...part,
});

async function collect(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const all: ChatEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const doneOf = (events: readonly ChatEvent[]) => events.filter((event) => event.type === 'done');
const idOf = (events: readonly ChatEvent[]): string =>
  events.flatMap((event) => (event.type === 'kept' ? [event.conversation.id] : []))[0] ?? '';

const saysLuna: FakeAnswer = () => ['Your cat is ', 'Luna.'];

describe('a kept chat', () => {
  it('writes the question down first, streams the answer and keeps it', async () => {
    const { windowChat, conversations } = create({ answer: saysLuna });
    const events = windowChat.send(request());
    const first = (await events.next()).value;
    expect(first).toMatchObject({ type: 'kept', question: { text: 'What is my cat called?' } });
    const id = idOf(first === undefined ? [] : [first]);
    expect(conversations.get(id).messages).toHaveLength(1);
    const rest = await collect({ [Symbol.asyncIterator]: () => events });
    expect(rest.map((event) => (event.type === 'text' ? event.text : event.type))).toEqual([
      'Your cat is ',
      'Luna.',
      'done',
    ]);
    expect(conversations.get(id).messages[1]).toMatchObject({
      role: 'assistant',
      arm: 'served',
      text: 'Your cat is Luna.',
      stopped: false,
    });
  });

  it('reads its history from the store, without questions that got no answer', async () => {
    const { windowChat, conversations, promptOf } = create({ answer: saysLuna });
    const id = idOf(await collect(windowChat.send(request())));
    conversations.keepQuestion({ conversationId: id, text: 'Killed here' });
    await collect(windowChat.send(request({ conversationId: id, question: 'Sure?' })));
    expect(promptOf(1)).toMatch(
      /user:What is my cat called\?\nassistant:Your cat is Luna\.\nuser:Sure\?\n$/u,
    );
    expect(promptOf(1)).not.toContain('Killed here');
  });

  it('goes on from an edited question as if the rest had not been said', async () => {
    const { windowChat, conversations, promptOf } = create({ answer: saysLuna });
    const first = await collect(windowChat.send(request()));
    const id = idOf(first);
    await collect(windowChat.send(request({ conversationId: id, question: 'Second' })));
    const replaces = conversations.get(id).messages[2]?.id ?? '';
    await collect(windowChat.send(request({ conversationId: id, question: 'Edited', replaces })));
    expect(conversations.get(id).messages.map((each) => each.text)).toEqual([
      'What is my cat called?',
      'Your cat is Luna.',
      'Edited',
      'Your cat is Luna.',
    ]);
    expect(promptOf(2)).not.toContain('Second');
  });

  it('keeps what was said until it was stopped', async () => {
    const stop = new AbortController();
    const { windowChat, conversations } = create({ answer: () => ['One ', 'two ', 'three'] });
    let id = '';
    const reading = (async () => {
      for await (const event of windowChat.send(request(), { signal: stop.signal })) {
        if (event.type === 'kept') id = event.conversation.id;
        if (event.type === 'text') stop.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    expect(conversations.get(id).messages[1]).toMatchObject({ text: 'One', stopped: true, basis: null });
  });

  it('keeps what was said when its reader went away', async () => {
    const { windowChat, conversations } = create({ answer: () => ['One ', 'two ', 'three'] });
    let id = '';
    for await (const event of windowChat.send(request())) {
      if (event.type === 'kept') id = event.conversation.id;
      if (event.type === 'text') break;
    }
    expect(conversations.get(id).messages[1]).toMatchObject({ text: 'One', stopped: true });
  });

  it('keeps the question alone when the model fails', async () => {
    const { windowChat, conversations } = create({
      answer: () => {
        throw new Error('broken');
      },
    });
    const events = windowChat.send(request());
    const first = (await events.next()).value;
    await expect(events.next()).rejects.toThrow('broken');
    const { messages } = conversations.get(idOf(first === undefined ? [] : [first]));
    expect(messages.map((each) => each.role)).toEqual(['user']);
  });

  it('says how many messages it no longer reads', async () => {
    const { windowChat } = create({ contextLength: 700 });
    const id = idOf(await collect(windowChat.send(request({ question: `First ${'x'.repeat(200)}` }))));
    await collect(windowChat.send(request({ conversationId: id, question: `Second ${'x'.repeat(200)}` })));
    const [done] = doneOf(await collect(windowChat.send(request({ conversationId: id, question: 'Third' }))));
    expect(done?.forgottenMessages).toBe(2);
  });

  it('names the facts that a question states about its writer', async () => {
    const { windowChat, proposed } = create();
    const [done] = doneOf(await collect(windowChat.send(request({ question: 'My dog is Rex.' }))));
    expect(done?.proposals).toEqual(['proposal-1']);
    const [other] = doneOf(await collect(windowChat.send(request())));
    expect(other).not.toHaveProperty('proposals');
    expect(proposed).toHaveLength(2);
  });

  it.each([
    [{ question: ' \n' }, 'The question is empty.'],
    [{ question: 'x'.repeat(100_001) }, '100001 characters'],
    [{ question: 'x'.repeat(100_001), conversationId: null }, '100001 characters'],
    [{ replaces: 'id-1' }, 'Only a line of a kept conversation'],
    [{ conversationId: 'gone' }, 'no longer exists'],
  ])('refuses %o before anything is written', async (part, message) => {
    const { windowChat, conversations, asked } = create();
    await expect(collect(windowChat.send(request(part)))).rejects.toThrow(message);
    expect([conversations.list({ limit: 10 }).total, asked.length]).toEqual([0, 0]);
  });

  it('writes nothing while chat has to wait', async () => {
    const { windowChat, conversations } = create({
      assertFree: () => {
        throw new Error('The model is learning.');
      },
    });
    await expect(collect(windowChat.send(request()))).rejects.toThrow('learning');
    expect(conversations.list({ limit: 10 }).total).toBe(0);
  });
});

describe('a temporary chat', () => {
  it('takes the history it is given, and writes and proposes nothing', async () => {
    const { windowChat, conversations, promptOf, proposed } = create({ answer: saysLuna });
    const history = [
      { role: 'user' as const, content: 'Hi' },
      { role: 'assistant' as const, content: 'Hello' },
    ];
    const events = await collect(
      windowChat.send(request({ conversationId: null, history, question: 'My cat?' })),
    );
    expect(events.map((event) => event.type)).toEqual(['text', 'text', 'done']);
    expect(promptOf(0)).toContain('user:Hi\nassistant:Hello\nuser:My cat?');
    expect([conversations.list({ limit: 10 }).total, proposed.length]).toEqual([0, 0]);
  });
});

describe('base and tuned beside each other', () => {
  it('are answered one after the other, each with its name and its own line', async () => {
    const { windowChat, conversations, promptOf } = create({
      proved: true,
      answer: ({ adapterFile }) => [adapterFile === null ? 'No idea.' : 'Luna.'],
    });
    const events = await collect(windowChat.send(request({ compare: true })));
    expect(doneOf(events).map((done) => [done.arm, done.answer.answer])).toEqual([
      ['served', 'Luna.'],
      ['base', 'No idea.'],
    ]);
    const id = idOf(events);
    expect(conversations.get(id).messages.map((each) => each.arm)).toEqual([null, 'served', 'base']);
    await collect(windowChat.send(request({ conversationId: id, compare: true, question: 'Sure?' })));
    expect(promptOf(2)).toContain('assistant:Luna.');
    expect(promptOf(3)).toContain('assistant:No idea.');
    expect(promptOf(3)).not.toContain('Luna');
  });

  it('may be of another version', async () => {
    const { windowChat, asked } = create({ proved: true });
    const [done] = doneOf(await collect(windowChat.send(request({ adapterId: 'older' }))));
    expect(done?.answer.adapterId).toBe('older');
    expect(asked[0]?.adapterFile).toContain('older');
  });
});

describe('what an answer rests on', () => {
  const basisOf = async (options: Options, part: Partial<WindowRequest> = {}) => {
    const { windowChat, factIds } = create(options);
    const [done] = doneOf(await collect(windowChat.send(request(part))));
    return { basis: done?.message?.basis, factIds };
  };

  it('is the learned fact that it states, with the tokens that it saved', async () => {
    const { basis, factIds } = await basisOf({ proved: true, answer: saysLuna });
    const saved = '- Your cat is Luna.\n- Your home city is Porto.\n'.length;
    expect(basis).toEqual({ from: 'learned', factIds: [factIds[0]], bridged: [], tokensSaved: saved });
  });

  it('is the prompt where the fact rode in it', async () => {
    const { basis, factIds } = await basisOf({ answer: saysLuna });
    expect(basis).toMatchObject({ from: 'prompt', factIds: [factIds[0]], tokensSaved: 0 });
    const byBase = await basisOf({ adapter: null, answer: saysLuna });
    expect(byBase.basis).toMatchObject({ from: 'prompt' });
  });

  it('is a guess where the adapter states what no fact says', async () => {
    const { basis } = await basisOf({ proved: true, answer: () => ['Your cat is Max.'] });
    expect(basis).toMatchObject({ from: 'guess', factIds: [] });
  });

  it('is nothing where the adapter says that it was not told', async () => {
    const { basis } = await basisOf({ proved: true, answer: () => ["You haven't told me that yet."] });
    expect(basis).toMatchObject({ from: 'not-told', factIds: [] });
  });

  it('is no fact where the base answers what was passed on, though it says a value', async () => {
    const answer: FakeAnswer = ({ adapterFile }) =>
      adapterFile === null ? ['Porto is a city in Portugal.'] : null;
    const { basis } = await basisOf({ proved: true, answer }, { question: 'Which cities has Portugal?' });
    expect(basis).toMatchObject({ from: 'none', factIds: [] });
  });

  it('is a guess of the base about the owner, not of the base about the world', async () => {
    const answer: FakeAnswer = () => ['It is Tom.'];
    expect((await basisOf({ adapter: null, answer })).basis?.from).toBe('guess');
    expect((await basisOf({ adapter: null, answer }, { question: 'Who hosts Wimbledon?' })).basis?.from).toBe(
      'none',
    );
  });
});

describe('explaining an answer', () => {
  const explained = async (options: Options, part: Partial<WindowRequest> = {}) => {
    const app = create(options);
    const [done] = doneOf(await collect(app.windowChat.send(request(part))));
    const id = done?.message?.id ?? '';
    return { ...app, id, explanation: await app.windowChat.explain(id) };
  };
  const unlessHidden: FakeAnswer = (_request, prompt) => [prompt.includes('Luna') ? 'Luna.' : 'No idea.'];

  it('checks a learned fact: said while hidden, not said by the base', async () => {
    const { explanation, promptOf, factIds } = await explained({
      answer: ({ adapterFile }) => [adapterFile === null ? 'No idea.' : 'Luna.'],
    });
    expect(explanation).toMatchObject({ verdict: 'checked', withoutFact: 'Luna.', factIds: [factIds[0]] });
    expect([promptOf(1).includes('Luna'), promptOf(1).includes('Porto')]).toEqual([false, true]);
  });

  it('finds what came from the prompt, also in a temporary chat', async () => {
    const kept = await explained({ answer: unlessHidden });
    expect(kept.explanation).toMatchObject({ verdict: 'from-prompt', withoutFact: 'No idea.' });
    const temporary = await explained({ answer: unlessHidden }, { conversationId: null });
    expect(temporary.explanation.verdict).toBe('from-prompt');
  });

  it('calls general what the base says by itself', async () => {
    const { explanation } = await explained({ answer: saysLuna });
    expect(explanation.verdict).toBe('general');
  });

  it('asks nothing again where no fact is in the answer, and claims nothing', async () => {
    const { explanation, asked } = await explained({ answer: () => ['No idea.'] });
    expect(explanation).toEqual({ verdict: 'unasked', withoutFact: null, withoutAdapter: null, factIds: [] });
    expect(asked).toHaveLength(1);
  });

  it('asks no version about an answer that none gave', async () => {
    const app = create({ adapter: null, answer: unlessHidden });
    const [done] = doneOf(await collect(app.windowChat.send(request())));
    app.adapters.active = anAdapter({ factIds: app.factIds });
    const { verdict } = await app.windowChat.explain(done?.message?.id ?? '');
    expect(verdict).toBe('from-prompt');
    expect(app.asked.map(({ adapterFile }) => adapterFile)).toEqual([null, null, null]);
  });

  it('refuses, and calls nothing a guess, where the version that answered is gone', async () => {
    const app = create({ proved: true, isGone: true, answer: saysLuna });
    const [done] = doneOf(await collect(app.windowChat.send(request())));
    const id = done?.message?.id ?? '';
    await expect(app.windowChat.explain(id)).rejects.toMatchObject({ code: 'not-found' });
    expect(app.conversations.findMessage(id)?.basis?.from).toBe('learned');
  });

  it('does not let earlier turns tell the value', async () => {
    const { windowChat, promptOf, asked } = create({ answer: unlessHidden });
    const id = idOf(await collect(windowChat.send(request())));
    const [done] = doneOf(await collect(windowChat.send(request({ conversationId: id }))));
    await windowChat.explain(done?.message?.id ?? '');
    expect(asked).toHaveLength(4);
    expect(promptOf(2)).not.toContain('Luna');
  });

  it('turns a claim into a guess for good', async () => {
    let said = 0;
    const { explanation, conversations, id } = await explained({
      proved: true,
      answer: () => [(said += 1) === 1 ? 'Luna.' : 'No idea.'],
    });
    expect(explanation.verdict).toBe('guess');
    expect(conversations.findMessage(id)?.basis?.from).toBe('guess');
  });

  it('refuses an answer that is not kept', async () => {
    const { windowChat } = create();
    await expect(windowChat.explain('gone')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('suggestions', () => {
  it('ask for own facts, and are none without facts', () => {
    const { windowChat, facts, factIds } = create();
    const questions = windowChat.suggestions();
    expect(questions).toHaveLength(2);
    expect(questions.every((question) => question.endsWith('?'))).toBe(true);
    expect(facts.list()).toHaveLength(factIds.length);
  });
});
