import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../../electron/hosts/openai/api-errors.ts';
import { parseChatRequest } from '../../../../electron/hosts/openai/chat-requests.ts';

const hello = { model: 'keepsake', messages: [{ role: 'user', content: 'Hello' }] };

function refusal(body: unknown): ApiError {
  try {
    parseChatRequest(body);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a request', () => {
  it('is greedy and as long as `ask` unless it says otherwise', () => {
    expect(parseChatRequest(hello)).toEqual({
      model: 'keepsake',
      stream: false,
      streamUsage: false,
      completion: {
        model: 'keepsake',
        question: 'Hello',
        history: [],
        systemText: undefined,
        maxTokens: undefined,
        sampling: undefined,
        stop: [],
      },
    });
  });
  it('carries what it sets', () => {
    const parsed = parseChatRequest({
      model: 'base',
      messages: [
        { role: 'system', content: 'One.' },
        { role: 'developer', content: [{ type: 'text', text: 'Two.' }] },
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'c' },
            { type: 'text', text: 'd' },
          ],
        },
      ],
      ...{ temperature: 0.5, top_p: 0.9, seed: -1, stop: 'END', max_tokens: 9, max_completion_tokens: 7 },
      ...{ stream: true, stream_options: { include_usage: true }, n: 1, tools: [], user: 'x' },
    });
    expect(parsed).toMatchObject({ model: 'base', stream: true, streamUsage: true });
    expect(parsed.completion).toMatchObject({
      systemText: 'One.\n\nTwo.',
      history: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
      question: 'cd',
      sampling: { temperature: 0.5, seed: 4_294_967_295, topP: 0.9 },
      stop: ['END'],
      maxTokens: 7,
    });
  });
  it.each([
    ['tools', [{ type: 'function' }]],
    ['tool_choice', 'required'],
    ['n', 2],
    ['logprobs', true],
    ['logit_bias', { 5: 1 }],
    ['presence_penalty', 0.1],
    ['response_format', { type: 'json_object' }],
    ['store', true],
    ['top_k', 5],
    ['temperature', 2.1],
    ['max_tokens', 0],
    ['max_tokens', 1.5],
    ['stop', ['']],
    ['stop', ['1', '2', '3', '4', '5']],
    ['stream', 'yes'],
    ['seed', 'x'],
    ['messages', []],
    ['messages', 'Hello'],
    ['__proto__x', 1],
    ['constructor', 1],
  ])('is refused by name for %s = %j', (field, value) => {
    const error = refusal({ ...hello, [field]: value });
    expect([error.status, error.param?.split('.')[0]]).toEqual([400, field]);
    expect(error.message).not.toBe('');
  });
  it.each([
    [[{ role: 'assistant', content: 'x' }]],
    [[{ role: 'user', content: ' ' }]],
    [
      [
        { role: 'user', content: 'x' },
        { role: 'system', content: 'late' },
        { role: 'user', content: 'y' },
      ],
    ],
    [[{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }]],
    [[{ role: 'tool', content: 'x' }]],
    [
      [
        { role: 'assistant', content: null, tool_calls: [{}] },
        { role: 'user', content: 'x' },
      ],
    ],
    [[{ role: 'user', content: 5 }]],
    [[null]],
    [[{ role: 'system', content: 'only' }]],
    [[{ role: 'user', content: 'x'.repeat(200_001) }]],
  ])('is refused for the messages %j', (messages) => {
    expect(refusal({ ...hello, messages }).param).toMatch(/^messages/u);
  });
  it('for an unknown model is not found', () => {
    expect(refusal({ ...hello, model: 'gpt-4o' })).toMatchObject({ status: 404, code: 'model_not_found' });
  });
  it('of any JSON at all is parsed or refused with a status of the client', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.record({ model: fc.constant('base'), messages: fc.array(fc.jsonValue()) }),
        ),
        (body) => {
          try {
            parseChatRequest(body);
            return true;
          } catch (error) {
            return error instanceof ApiError && error.status >= 400 && error.status < 500;
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
