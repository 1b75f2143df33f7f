/**
 * One answer of one server: redirects followed by hand, silence limited, every refusal told apart.
 *
 * `fetch` would follow twenty redirects and unpack compressed bodies; a range needs the very bytes.
 */
import { AppError, cancelledError } from '../contract/errors.ts';

/** A source that gave no usable answer. `retry`: the same source may be asked again, after `waitMs` if it said so. */
export class SourceProblem extends Error {
  readonly retry: boolean;
  readonly waitMs: number | undefined;
  /** True when no connection came about: the machine may be offline. */
  readonly isUnreachable: boolean;
  /** True when what was sent is not what was asked for. */
  readonly isCorrupt: boolean;

  constructor(
    message: string,
    options: {
      retry?: boolean;
      waitMs?: number | undefined;
      isUnreachable?: boolean;
      isCorrupt?: boolean;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retry = options.retry ?? false;
    this.waitMs = options.waitMs;
    this.isUnreachable = options.isUnreachable ?? false;
    this.isCorrupt = options.isCorrupt ?? false;
  }
}
SourceProblem.prototype.name = 'SourceProblem';

export type SourceAnswer = {
  readonly status: 200 | 206 | 416;
  readonly headers: Headers;
  /** The body piece by piece. Throws a `SourceProblem` when it breaks off or falls silent. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Lets go of the connection; safe to call twice. */
  readonly close: () => void;
};

export type SourceOptions = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Longest time without a byte, in milliseconds. */
  readonly silenceMs: number;
  /** Hears the host of every connection, redirects included, before it is opened. */
  readonly onConnect?: ((host: string) => void) | undefined;
};

const redirectLimit = 5;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);
/** Longest wait that a server may ask for, in milliseconds. */
const longestWaitMs = 60_000;

/** Asks a server for a file. Throws `SourceProblem`, or `cancelled`. */
export async function openSource(start: string, options: SourceOptions): Promise<SourceAnswer> {
  const abort = new AbortController();
  const silence = watchSilence(options.silenceMs, () => abort.abort());
  const signal = AbortSignal.any([options.signal, abort.signal]);
  const close = (): void => {
    silence.stop();
    abort.abort();
  };
  try {
    const response = await follow(new URL(start), { ...options.headers }, signal, options.onConnect);
    const { status, headers } = response;
    if (status !== 200 && status !== 206 && status !== 416) throw refusal(response, start);
    const encoding = headers.get('content-encoding') ?? 'identity';
    if (encoding !== 'identity') {
      throw new SourceProblem(`${hostOf(start)} sent a compressed body (${encoding}) that nobody asked for`, {
        isCorrupt: true,
      });
    }
    const chunks = readBody(response, start, silence, options);
    return { status, headers, chunks, close };
  } catch (error) {
    close();
    throw nameProblem(error, start, silence, options);
  }
}

async function follow(
  start: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  onConnect: SourceOptions['onConnect'],
): Promise<Response> {
  let url = start;
  for (let redirects = 0; redirects <= redirectLimit; redirects += 1) {
    onConnect?.(url.host);
    const response = await fetch(url, {
      headers: { 'accept-encoding': 'identity', ...headers },
      redirect: 'manual',
      signal,
    });
    if (!redirectStatuses.has(response.status)) return response;
    await response.body?.cancel();
    const target = URL.parse(response.headers.get('location') ?? '', url.href);
    if (target === null || !/^https?:$/u.test(target.protocol)) {
      throw new SourceProblem(`${start.host} leads to an address that cannot be used`);
    }
    if (start.protocol === 'https:' && target.protocol !== 'https:') {
      throw new SourceProblem(`${start.host} leads away from an encrypted connection`);
    }
    url = target;
  }
  throw new SourceProblem(`${start.host} redirects without end`);
}

async function* readBody(
  response: Response,
  start: string,
  silence: Silence,
  options: SourceOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    // Node's body is a web stream, which its types do not call iterable.
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      silence.heard();
      yield chunk;
      silence.heard();
    }
  } catch (error) {
    throw nameProblem(error, start, silence, options);
  } finally {
    silence.stop();
  }
}

type Silence = { readonly heard: () => void; readonly stop: () => void; readonly isOver: () => boolean };

function watchSilence(limitMs: number, onSilence: () => void): Silence {
  let isOver = false;
  const expire = (): void => {
    isOver = true;
    onSilence();
  };
  let timer = setTimeout(expire, limitMs);
  let isStopped = false;
  return {
    heard: () => {
      clearTimeout(timer);
      if (!isStopped) timer = setTimeout(expire, limitMs);
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
    isOver: () => isOver,
  };
}

function refusal(response: Response, start: string): SourceProblem {
  const { status } = response;
  const host = hostOf(start);
  if (status === 401 || status === 403) {
    return new SourceProblem(`${host} wants a login or an accepted licence for this file (HTTP ${status})`);
  }
  if (status === 404 || status === 410) {
    return new SourceProblem(`${host} does not have this file (HTTP ${status})`);
  }
  if (status === 408 || status === 429 || status >= 500) {
    return new SourceProblem(`${host} is busy or out of order (HTTP ${status})`, {
      retry: true,
      waitMs: waitOf(response.headers.get('retry-after')),
    });
  }
  return new SourceProblem(`${host} answered with HTTP ${status}`);
}

/** Seconds or a date, at most a minute. */
function waitOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/u.test(header.trim())
    ? Number(header) * 1000
    : new Date(header).getTime() - Date.now();
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), longestWaitMs) : undefined;
}

function nameProblem(
  error: unknown,
  start: string,
  silence: Silence,
  { signal, silenceMs }: SourceOptions,
): unknown {
  if (signal.aborted) return cancelledError(error);
  if (error instanceof SourceProblem || error instanceof AppError) return error;
  const host = hostOf(start);
  if (silence.isOver()) {
    const seconds = Math.round(silenceMs / 1000);
    return new SourceProblem(`${host} sent nothing for ${seconds} s`, { retry: true, cause: error });
  }
  const code = codeOf(error);
  if (/^(ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ENETDOWN)$/u.test(code)) {
    return new SourceProblem(`${host} cannot be reached`, { isUnreachable: true, retry: true, cause: error });
  }
  if (error instanceof Error && error.cause instanceof Error && error.cause.message === 'bad port') {
    return new SourceProblem(`${host} has a port that is not for downloads`, { cause: error });
  }
  if (/CERT|SELF_SIGNED|ERR_TLS|ERR_SSL/u.test(code)) {
    return new SourceProblem(`${host} could not prove who it is (${code})`, { cause: error });
  }
  if (code === 'ECONNREFUSED' || code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new SourceProblem(`${host} accepts no connection`, {
      isUnreachable: true,
      retry: true,
      cause: error,
    });
  }
  return new SourceProblem(`the connection to ${host} broke off`, { retry: true, cause: error });
}

/** `fetch failed` carries the reason in its cause, one or two levels down. */
function codeOf(error: unknown): string {
  for (let each = error, depth = 0; each instanceof Error && depth < 4; each = each.cause, depth += 1) {
    if ('code' in each && typeof each.code === 'string') return each.code;
    if (each instanceof AggregateError && each.errors.length > 0) return codeOf(each.errors[0]);
  }
  return '';
}

/** `huggingface.co`, for sentences. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
