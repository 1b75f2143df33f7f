import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { describe, expect, it } from 'vitest';
import { startOpenAiServer, type Complete } from '../../../../electron/hosts/openai/server.ts';
import type { Completion } from '../../../../electron/core/chat/chat-service.ts';

const key = 'keepsake-0123456789012345678901234567890123456789';
const completion: Completion = {
  answer: 'Hello',
  answeredBy: 'base',
  adapterId: null,
  bridged: [],
  finish: 'stop',
  promptTokens: 3,
  answerTokens: 2,
};
const body = JSON.stringify({ model: 'base', messages: [{ role: 'user', content: 'Hi' }] });
type Reply = { status: number; headers: IncomingHttpHeaders; text: string };

async function start(complete: Complete = () => Promise.resolve(completion)) {
  const server = await startOpenAiServer({ port: 0, key, complete });
  onTestFinished(() => server.close());
  const ask = (
    path: string,
    options: {
      method?: string;
      headers?: Record<string, string>;
      body?: string | Buffer;
      signal?: AbortSignal;
    } = {},
  ): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const sent = httpRequest(
        {
          port: server.port,
          host: '127.0.0.1',
          path,
          method: options.method ?? 'GET',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...options.headers },
          ...(options.signal === undefined ? {} : { signal: options.signal }),
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
          response.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(options.body);
    });
  const chat = (text: string | Buffer, headers: Record<string, string> = {}): Promise<Reply> =>
    ask('/v1/chat/completions', { method: 'POST', body: text, headers });
  return { server, ask, chat };
}

const codeOf = (reply: Reply): unknown => (JSON.parse(reply.text) as { error: { code: unknown } }).error.code;

describe('the endpoint', () => {
  it('lists its two models and answers', async () => {
    const { ask, chat } = await start();
    const models = JSON.parse((await ask('/v1/models')).text) as { data: { id: string }[] };
    expect(models.data.map((model) => model.id)).toEqual(['keepsake', 'base']);
    expect((await ask('/v1/models/keepsake')).status).toBe(200);
    expect(codeOf(await ask('/v1/models/gpt%2F4'))).toBe('model_not_found');
    const reply = await chat(body);
    expect(JSON.parse(reply.text)).toMatchObject({
      choices: [{ message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
    expect(reply.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(reply.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('refuses a wrong key, a page, another host, and each before anything else', async () => {
    let asked = 0;
    const { ask, chat, server } = await start(() => {
      asked += 1;
      return Promise.resolve(completion);
    });
    for (const authorization of [
      '',
      'Bearer',
      'Bearer x',
      `Basic ${key}`,
      `Bearer ${key}x`,
      `Bearer ${key} x`,
    ]) {
      const reply = await chat(body, { authorization });
      expect([reply.status, codeOf(reply)]).toEqual([401, 'invalid_api_key']);
    }
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://127.0.0.1:${server.port}` },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      expect((await chat(body, headers as unknown as Record<string, string>)).status).toBe(403);
      expect(
        (
          await ask('/v1/models', {
            method: 'OPTIONS',
            headers: headers as unknown as Record<string, string>,
          })
        ).status,
      ).toBe(403);
    }
    for (const host of [
      'evil.example',
      `evil.example:${server.port}`,
      '127.0.0.1:1',
      '127.0.0.1',
      `[::1]:${server.port}`,
    ]) {
      expect((await chat(body, { host })).status).toBe(421);
    }
    expect((await chat(body, { host: `localhost:${server.port}` })).status).toBe(200);
    expect(asked).toBe(1);
  });

  it('refuses what it does not understand', async () => {
    const { ask, chat } = await start();
    expect((await ask('/')).status).toBe(404);
    expect((await ask('/v1/chat/completions/../models')).status).toBe(404);
    const wrong = await ask('/v1/chat/completions');
    expect([wrong.status, wrong.headers.allow]).toEqual([405, 'POST']);
    for (const text of ['', '{', 'nul', Buffer.from([0x22, 0xff, 0x22])])
      expect(codeOf(await chat(text))).toBe('invalid_json');
    expect((await chat('[]')).status).toBe(400);
    expect((await chat(body, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await chat(body, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(200);
    expect((await chat(body, { 'content-length': '99999999' }).catch(() => ({ status: 413 }))).status).toBe(
      413,
    );
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect((await chat(`{"model":"base","messages":${deep}}`)).status).toBe(400);
  });

  it('refuses a body that is too large while it comes', async () => {
    const { server } = await start();
    const reply = await new Promise<string>((resolve) => {
      const socket = connect(server.port, '127.0.0.1');
      let text = '';
      socket.on('data', (bytes) => (text += bytes.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text));
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost:${server.port}\r\nAuthorization: Bearer ${key}\r\n` +
          'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      );
      const chunk = `${(1 << 20).toString(16)}\r\n${'x'.repeat(1 << 20)}\r\n`;
      for (let index = 0; index < 4; index += 1) socket.write(chunk);
    });
    expect(reply).toContain('413');
  });

  it('streams pieces, the reason of the end, the usage and a last mark', async () => {
    const { chat } = await start((_, { onText }) => {
      onText('Hel');
      onText('lo');
      return Promise.resolve(completion);
    });
    const reply = await chat(
      JSON.stringify({
        ...(JSON.parse(body) as object),
        stream: true,
        stream_options: { include_usage: true },
      }),
    );
    const events = reply.text.trim().split('\n\n');
    expect(reply.headers['content-type']).toContain('text/event-stream');
    expect(events.at(-1)).toBe('data: [DONE]');
    const chunks = events
      .slice(0, -1)
      .map((event) => JSON.parse(event.slice('data: '.length)) as Record<string, unknown>);
    expect(chunks.map(({ choices, usage }) => [choices, usage])).toMatchObject([
      [[{ delta: { role: 'assistant', content: '' }, finish_reason: null }], undefined],
      [[{ delta: { content: 'Hel' } }], undefined],
      [[{ delta: { content: 'lo' } }], undefined],
      [[{ delta: {}, finish_reason: 'stop' }], undefined],
      [[], { total_tokens: 5 }],
    ]);
  });

  it('says in a stream that has begun that it failed, and nothing of what was said', async () => {
    const { chat } = await start((request, { onText }) => {
      onText('x');
      return Promise.reject(new Error(`secret ${request.question}`));
    });
    const streamed = await chat(JSON.stringify({ ...(JSON.parse(body) as object), stream: true }));
    expect(streamed.text).toContain('"type":"server_error"');
    expect((await chat(body)).text).not.toContain('secret');
  });

  it('cancels the answer of a client that left', async () => {
    let began: () => void = () => undefined;
    const beginning = new Promise<void>((resolve) => (began = resolve));
    let cancelled: () => void = () => undefined;
    const cancelling = new Promise<void>((resolve) => (cancelled = resolve));
    const { ask } = await start((_, { signal }) => {
      began();
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          cancelled();
          reject(new Error('gone'));
        });
      });
    });
    const leaving = new AbortController();
    const asking = ask('/v1/chat/completions', { method: 'POST', body, signal: leaving.signal });
    await beginning;
    leaving.abort();
    await expect(asking).rejects.toThrow();
    await cancelling;
  });

  it('ends though a client holds back the rest of its question', async () => {
    const { server } = await start();
    const socket = connect(server.port, '127.0.0.1');
    const gone = new Promise<void>((resolve) =>
      socket.on('close', () => resolve()).on('error', () => undefined),
    );
    const head = [
      'POST /v1/chat/completions HTTP/1.1',
      `Host: 127.0.0.1:${server.port}`,
      `Authorization: Bearer ${key}`,
    ];
    socket.write([...head, 'Content-Type: application/json', 'Content-Length: 5000', '', '{"m'].join('\r\n'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await server.close();
    await gone;
    expect(socket.destroyed).toBe(true);
  });

  it('says that a port is taken', async () => {
    const { server } = await start();
    await expect(
      startOpenAiServer({ port: server.port, key, complete: () => Promise.resolve(completion) }),
    ).rejects.toMatchObject({ code: 'conflict' });
  });
});
