/**
 * The contract over a message port.
 *
 * What comes in is read and rebuilt here before the contract's handler sees it: a frame that is none would throw where
 * nobody catches it, and the page is not trusted more than a stranger.
 */
import type { AnyRouter } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';

/** One end of a port, as Electron's main program has it. */
export type Port = {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
};

/** The port as the contract's handler takes it. */
type CheckedPort = {
  readonly on: (event: string, listener: (event?: { readonly data: unknown }) => void) => void;
  readonly postMessage: (message: unknown) => void;
};

/** Longest frame, in characters: a file's text with room for its quoting. */
const frameLimit = 64 * 1024 * 1024;
const abortType = 4;

/** A call or the end of one, as the contract's client sends it. */
type Frame = {
  readonly i: string;
  readonly t?: number;
  readonly p?: { readonly u: string; readonly b: unknown };
};

/** Serves until the port closes; calls that wait then are aborted. `onProblem` hears of frames that are dropped. */
export function servePort(
  port: Port,
  router: AnyRouter,
  onProblem: (problem: string) => void = () => undefined,
): void {
  const checked: CheckedPort = {
    on: (event, listener) => {
      if (event === 'close') return void port.on('close', listener);
      port.on('message', ({ data }) => {
        const frame = parseFrame(data);
        if (typeof frame === 'string') onProblem(frame);
        else listener({ data: frame });
      });
    },
    postMessage: (message) => {
      try {
        port.postMessage(message);
      } catch (error) {
        // The other end has gone.
        onProblem(String(error));
      }
    },
  };
  new RPCHandler(router).upgrade(checked, { context: {} });
  port.start();
}

/** The frame, rebuilt from the fields that it may have, or what is wrong with it. */
function parseFrame(data: unknown): Frame | string {
  if (typeof data !== 'string') return 'a frame is no text';
  if (data.length > frameLimit) return `a frame has ${data.length} characters`;
  const value = parseJson(data);
  if (!isRecord(value) || typeof value.i !== 'string' || value.i.length > 32) return 'a frame has no id';
  if (value.t === abortType) return { i: value.i, t: abortType };
  // Streams come from the app only; there are no uploads.
  if (value.t !== undefined || !isRecord(value.p)) return 'a frame is no call';
  const { u, b } = value.p;
  if (typeof u !== 'string' || !/^\/[\w/]+$/u.test(u)) return 'a call has no name';
  return { i: value.i, p: { u, b } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
