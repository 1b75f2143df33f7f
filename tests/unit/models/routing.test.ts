import { describe, expect, it } from 'vitest';
import type { Generation, GenerateRequest, LoadedModel } from '../../../electron/core/dependencies.ts';
import {
  answer,
  answerAll,
  greedy,
  noAnswer,
  type RoutedRequest,
} from '../../../electron/core/models/routing.ts';

const said = (text: string): Generation => ({ text, tokens: [1], stopped: true, passed: false });
const pass: Generation = { text: '', tokens: [], stopped: true, passed: true };

/** A model whose adapter passes what begins with "general" and whose base says nothing to "silence". */
function fakeModel(asked: GenerateRequest[]): LoadedModel {
  const words = new Map<number, string>();
  const generate = (request: GenerateRequest): Promise<Generation> => {
    asked.push(request);
    const question = words.get(request.prompt[0] ?? -1) ?? '';
    if (request.adapterFile !== null) {
      return Promise.resolve(question.startsWith('general') ? pass : said(`adapter: ${question}`));
    }
    const text = question.includes('silence') ? ' \n' : `base: ${question}`;
    request.onText?.(text);
    return Promise.resolve(said(text));
  };
  return {
    file: '/base.gguf',
    contextLength: 100,
    encodePrompt: (messages) => {
      const question = messages.at(-1)?.content ?? '';
      const known = [...words].find(([, word]) => word === question)?.[0];
      const token = known ?? words.size;
      words.set(token, question);
      return [token];
    },
    encodeText: () => [],
    decode: () => '',
    endOfTurn: 0,
    generate,
    generateAll: (requests, options) =>
      Promise.all(
        requests.map(async (request, index) => {
          const generation = await generate(request);
          options?.report?.(index + 1);
          return generation;
        }),
      ),
  };
}

const request = (question: string, part: Partial<RoutedRequest> = {}): RoutedRequest => ({
  messages: [{ role: 'user', content: question }],
  adapterFile: '/adapter.gguf',
  maxTokens: 8,
  sampling: greedy,
  ...part,
});

describe('routing', () => {
  it('keeps the answer of the adapter and never asks the base', async () => {
    const asked: GenerateRequest[] = [];
    const given = await answer(fakeModel(asked), request('my cat'));
    expect(given).toMatchObject({ text: 'adapter: my cat', answeredBy: 'adapter', stopped: true });
    expect(asked.map((each) => each.adapterFile)).toEqual(['/adapter.gguf']);
    expect(asked[0]?.firstToken).toBe('detect-pass');
  });

  it('gives the base the very same prompt when the adapter passes', async () => {
    const asked: GenerateRequest[] = [];
    const given = await answer(fakeModel(asked), request('general things'));
    expect(given).toMatchObject({ text: 'base: general things', answeredBy: 'base', stopped: true });
    expect(asked.map((each) => each.adapterFile)).toEqual(['/adapter.gguf', null]);
    expect(asked[1]?.prompt).toEqual(asked[0]?.prompt);
    expect(asked[1]?.firstToken).toBe('free');
  });

  it('asks the base nothing where the adapter answers everything', async () => {
    const asked: GenerateRequest[] = [];
    const model = fakeModel(asked);
    const said = await answer(model, request('my cat', { standalone: true }));
    expect(said).toMatchObject({ text: 'adapter: my cat', answeredBy: 'adapter', stopped: true });
    expect(asked.map((each) => each.firstToken)).toEqual(['free']);
    const [routed, alone] = await answerAll(model, [
      request('my dog'),
      request('my dog', { standalone: true }),
    ]);
    expect([routed?.answeredBy, alone?.answeredBy]).toEqual(['adapter', 'adapter']);
    expect(asked.slice(1).map((each) => each.firstToken)).toEqual(['detect-pass', 'free']);
  });

  it('shows an empty answer of the base as such', async () => {
    const pieces: string[] = [];
    const given = await answer(
      fakeModel([]),
      request('general silence', { onText: (piece) => pieces.push(piece) }),
    );
    expect(given).toMatchObject({ text: noAnswer, answeredBy: 'base' });
    expect(pieces.join('').trim()).toBe(noAnswer);
  });

  it('answers many as it answers one, equal prompts once', async () => {
    const asked: GenerateRequest[] = [];
    const model = fakeModel(asked);
    const questions = ['my cat', 'general a', 'my cat', 'general silence', 'my dog', 'general a'];
    const reports: number[] = [];
    const many = await answerAll(
      model,
      questions.map((question) => request(question)),
      { report: (done) => reports.push(done) },
    );
    expect(asked).toHaveLength(6);
    for (const [index, question] of questions.entries()) {
      expect(many[index]).toEqual(await answer(fakeModel([]), request(question)));
    }
    expect(reports.at(-1)).toBe(questions.length);
  });

  it('uses known generations and adds to them', async () => {
    const asked: GenerateRequest[] = [];
    const model = fakeModel(asked);
    const known = { base: new Map<string, Generation>(), adapter: new Map<string, Generation>() };
    await answerAll(model, [request('general a'), request('my cat')], { known });
    expect([known.base.size, known.adapter.size]).toEqual([1, 2]);
    const before = asked.length;
    await answerAll(model, [request('my cat'), request('general a')], { known });
    expect(asked.length).toBe(before);
  });

  it('draws every sampled request anew', async () => {
    const asked: GenerateRequest[] = [];
    const sampling = { kind: 'sampled', temperature: 1, seed: 1 } as const;
    await answerAll(fakeModel(asked), [request('my cat', { sampling }), request('my cat', { sampling })]);
    expect(asked).toHaveLength(2);
  });

  it('asks the base alone where there is no adapter', async () => {
    const asked: GenerateRequest[] = [];
    const [given] = await answerAll(fakeModel(asked), [request('my cat', { adapterFile: null })]);
    expect(given?.answeredBy).toBe('base');
    expect(asked).toHaveLength(1);
  });
});
