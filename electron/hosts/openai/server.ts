/**
 * A local endpoint that speaks the OpenAI API: `/v1/models` and `/v1/chat/completions`.
 *
 * Off unless asked for, on 127.0.0.1 only, with a key; requests of web pages are refused. Nothing that is said is logged.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AppError } from '../../contract/errors.ts';
import type { Completion, CompletionRequest } from '../../core/chat/chat-service.ts';
import {
  answerHeaders,
  bearerOf,
  isFromPage,
  isOwnHost,
  isSameSecret,
  loopbackAddress,
  readJsonBody,
} from '../loopback/guard.ts';
import { ApiError, errorBody, toApiError } from './api-errors.ts';
import { modelNames, parseChatRequest, unknownModel, type ChatRequest } from './chat-requests.ts';
import {
  chunkReply,
  completionReply,
  modelReply,
  modelsReply,
  usageChunk,
  type ReplyHead,
} from './replies.ts';

const bodyLimitBytes = 2 * 1024 * 1024;
/** Requests that may wait; further ones are refused rather than kept for minutes. */
const mostWaiting = 64;
/** How long a client may take for a request's headers and body, in milliseconds. */
const patienceMs = { headers: 10_000, request: 30_000 };

/** Answers one request; `onText` is given the pieces. */
export type Complete = (
  request: CompletionRequest,
  options: { readonly signal: AbortSignal; readonly onText: (piece: string) => void },
) => Promise<Completion>;

export type OpenAiServer = {
  readonly url: string;
  readonly port: number;
  /** Stops listening, ends what is being answered and waits for it. */
  readonly close: () => Promise<void>;
};

/** Listens on a port of this machine; 0 picks a free one. Throws `conflict` for one that is taken. */
export async function startOpenAiServer(options: {
  readonly port: number;
  readonly key: string;
  readonly complete: Complete;
}): Promise<OpenAiServer> {
  const handle = createHandler(options);
  const server = createServer(
    { headersTimeout: patienceMs.headers, requestTimeout: patienceMs.request },
    (request, response) => void handle.answer(request, response),
  );
  server.maxConnections = 256;
  const port = await listen(server, options.port);
  handle.listensOn(port);
  return {
    url: `http://${loopbackAddress}:${port}/v1`,
    port,
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      // A client that holds back the rest of its question would be waited for.
      const stopped = handle.stop();
      server.closeAllConnections();
      await stopped;
      await closed;
    },
  };
}

function createHandler({ key, complete }: { readonly key: string; readonly complete: Complete }) {
  const stopping = new AbortController();
  const pending = new Set<Promise<void>>();
  let ownPort = 0;
  let waiting = 0;

  /** The path of a request that may be answered. */
  function admit(request: IncomingMessage): string {
    if (!isOwnHost(request, ownPort)) {
      throw new ApiError(421, 'This address does not belong to Keepsake.', { code: 'wrong_host' });
    }
    if (isFromPage(request)) {
      throw new ApiError(403, 'Requests of web pages are refused.', { code: 'origin_refused' });
    }
    const token = bearerOf(request);
    if (token === undefined || !isSameSecret(token, key)) {
      throw new ApiError(401, 'The API key is missing or wrong.', { code: 'invalid_api_key' });
    }
    return (request.url ?? '').split('?')[0] ?? '';
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = admit(request);
    if (path === '/v1/models') {
      assertMethod(request, response, 'GET');
      sendJson(response, 200, modelsReply());
    } else if (path.startsWith('/v1/models/')) {
      assertMethod(request, response, 'GET');
      const name = decodeName(path.slice('/v1/models/'.length));
      const model = modelNames.find((each) => each === name);
      if (model === undefined) throw unknownModel(name);
      sendJson(response, 200, modelReply(model));
    } else if (path === '/v1/chat/completions') {
      assertMethod(request, response, 'POST');
      await chat(parseChatRequest(await bodyOf(request)), response);
    } else {
      throw new ApiError(404, 'There is no such address. There are: /v1/models, /v1/chat/completions.', {
        code: 'unknown_url',
      });
    }
  }

  async function chat(request: ChatRequest, response: ServerResponse): Promise<void> {
    if (waiting >= mostWaiting) {
      throw new ApiError(429, 'Too many requests are waiting. Try again later.', { code: 'queue_full' });
    }
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    response.on('close', leave);
    waiting += 1;
    const head: ReplyHead = {
      id: `chatcmpl-${randomUUID()}`,
      created: Math.floor(Date.now() / 1000),
      model: request.model,
    };
    try {
      const signal = AbortSignal.any([gone.signal, stopping.signal]);
      const onText = request.stream
        ? (piece: string): void => sendEvent(response, chunkReply(head, { content: piece }), head)
        : (): void => undefined;
      const completion = await complete(request.completion, { signal, onText });
      if (!request.stream) sendJson(response, 200, completionReply(head, completion));
      else endStream(response, request, head, completion);
    } finally {
      waiting -= 1;
      response.off('close', leave);
    }
  }

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const work = route(request, response).catch((error: unknown) => {
      sendError(response, toApiError(error));
    });
    pending.add(work);
    await work;
    pending.delete(work);
  };

  return {
    answer,
    listensOn: (port: number): void => void (ownPort = port),
    stop: async (): Promise<void> => {
      stopping.abort();
      await Promise.all(pending);
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const body = await readJsonBody(request, bodyLimitBytes);
  if ('value' in body) return body.value;
  switch (body.problem) {
    case 'wrong-type':
      throw new ApiError(415, 'The content type must be application/json.', { code: 'wrong_content_type' });
    case 'too-large':
      throw new ApiError(413, `The body has more than ${bodyLimitBytes} bytes.`, { code: 'body_too_large' });
    case 'not-json':
      throw new ApiError(400, 'The body is not valid JSON in UTF-8.', { code: 'invalid_json' });
    case 'cut-off':
      throw new ApiError(400, 'The body was cut off.', { code: 'invalid_json' });
  }
}

function assertMethod(request: IncomingMessage, response: ServerResponse, method: 'GET' | 'POST'): void {
  if (request.method === method) return;
  response.setHeader('allow', method);
  throw new ApiError(405, `Only ${method} is understood here.`, { code: 'method_not_allowed' });
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed || response.headersSent) return;
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    ...answerHeaders,
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    // The rest of a body that was not read is not waited for.
    ...(status >= 400 && { connection: 'close' }),
  });
  response.end(bytes);
}

/** Before the first piece as a whole answer, after it as the last event. */
function sendError(response: ServerResponse, error: ApiError): void {
  if (!response.headersSent) {
    sendJson(response, error.status, errorBody(error));
  } else if (!response.destroyed) {
    response.end(`data: ${JSON.stringify(errorBody(error))}\n\n`);
  }
}

/** The first event brings the headers and the role with it. */
function sendEvent(response: ServerResponse, body: object, head: ReplyHead): void {
  if (response.destroyed) return;
  if (!response.headersSent) {
    response.writeHead(200, { ...answerHeaders, 'content-type': 'text/event-stream; charset=utf-8' });
    sendEvent(response, chunkReply(head, { role: 'assistant', content: '' }), head);
  }
  response.write(`data: ${JSON.stringify(body)}\n\n`);
}

function endStream(
  response: ServerResponse,
  request: ChatRequest,
  head: ReplyHead,
  completion: Completion,
): void {
  sendEvent(response, chunkReply(head, {}, completion.finish, completion), head);
  if (request.streamUsage) sendEvent(response, usageChunk(head, completion), head);
  response.end('data: [DONE]\n\n');
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new AppError('conflict', `The port ${port} cannot be used (${cause.code ?? cause.message}).`, {
          hint: 'Choose another one with --port, or 0 for any that is free.',
          cause,
        }),
      );
    });
    server.listen({ port, host: loopbackAddress, exclusive: true }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
