import { MessageChannel } from 'node:worker_threads';
import { implement } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { methods } from '../../electron/contract/methods.ts';
import { servePort } from '../../electron/hosts/port/serve-port.ts';
import { asMainPort } from './transports.ts';

let channel: MessageChannel;
let problems: string[];
let answers: string[];
let calls: unknown[];

beforeEach(() => {
  channel = new MessageChannel();
  [problems, answers, calls] = [[], [], []];
  const os = implement(methods);
  const router = {
    profiles: {
      list: os.profiles.list.handler(({ input }) => {
        calls.push(input);
        return { profiles: [] };
      }),
    },
  };
  servePort(asMainPort(channel.port1), router, (problem) => problems.push(problem));
  channel.port2.on('message', (data: string) => answers.push(data));
});
afterEach(() => {
  channel.port1.close();
  channel.port2.close();
});

const send = (data: unknown): void => channel.port2.postMessage(data);
const call = (id: string, name = '/profiles/list'): string =>
  JSON.stringify({ i: id, p: { u: name, b: { json: {} } } });

describe('a message port', () => {
  it.each([
    ['no text', 7, 'a frame is no text'],
    ['an object that looks like a call', { i: '1', p: { u: '/profiles/list' } }, 'a frame is no text'],
    ['bytes', new Uint8Array([255, 1, 2]), 'a frame is no text'],
    ['nothing', undefined, 'a frame is no text'],
    ['no JSON', '{"i":"1"', 'a frame has no id'],
    ['JSON without a call', '[]', 'a frame has no id'],
    ['a call without an id', '{"p":{"u":"/profiles/list"}}', 'a frame has no id'],
    ['a call without a name', '{"i":"1","p":{"b":{}}}', 'a call has no name'],
    [
      'a name of another host',
      '{"i":"1","p":{"u":"http://evil.example/profiles/list"}}',
      'a call has no name',
    ],
    ['a stream that goes in', '{"i":"1","t":3,"p":{"e":"message"}}', 'a frame is no call'],
    ['null for a call', '{"i":"1","p":null}', 'a frame is no call'],
  ])('drops %s and answers the next call', async (_name, frame, problem) => {
    send(frame);
    send(call('2'));
    await expect.poll(() => answers.length).toBe(1);
    expect(problems).toEqual([problem]);
    expect(JSON.parse(answers[0] ?? '')).toMatchObject({ i: '2' });
  });

  it('drops a frame that is too long', async () => {
    send(`"${'x'.repeat(64 * 1024 * 1024)}"`);
    send(call('2'));
    await expect.poll(() => answers.length).toBe(1);
    expect(problems[0]).toContain('characters');
  });

  it.each(['/nothing/here', '/__proto__/toString', '/constructor', '/profiles'])(
    'answers that there is no call %s',
    async (name) => {
      send(call('1', name));
      await expect.poll(() => answers.length).toBe(1);
      expect(JSON.parse(answers[0] ?? '')).toMatchObject({ i: '1', p: { s: 404 } });
      expect(calls).toEqual([]);
    },
  );

  it('cannot be made to change an object that others share', async () => {
    send('{"i":"1","p":{"u":"/profiles/list","b":{"json":{"a":null},"meta":[[3,"__proto__","polluted"]]}}}');
    send('{"i":"2","p":{"u":"/profiles/list","b":{"json":{"__proto__":{"polluted":1}}}}}');
    send(call('3'));
    await expect.poll(() => answers.length).toBe(3);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('takes the end of a call that it does not know for nothing', async () => {
    send('{"i":"9","t":4}');
    send(call('2'));
    await expect.poll(() => answers.length).toBe(1);
    expect(problems).toEqual([]);
  });
});
