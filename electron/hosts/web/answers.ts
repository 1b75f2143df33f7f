/** Answers of the web host that do not come from the app: refusals and files. */
import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { ErrorCode } from '../../contract/errors.ts';
import { pageHeaders } from '../page/content-policy.ts';

/** Why a request is not answered; said as a page or, to the contract's client, as an error of the contract. */
export class Refusal extends Error {
  readonly status: number;
  readonly hint: string;

  constructor(status: number, message: string, hint: string) {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

/** Sends a body whole, unless the answer has begun or nobody is there. */
export function send(
  response: ServerResponse,
  status: number,
  body: { readonly type: string; readonly bytes: Buffer },
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, {
    ...pageHeaders,
    'content-type': body.type,
    'content-length': body.bytes.length,
    // The rest of a body that was not read is not waited for.
    ...(status >= 400 && { connection: 'close' }),
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body.bytes);
}

/** The app's own sheet is behind the key: a refused page brings these few lines, and its policy allows just them. */
const refusalStyle =
  ':root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}body{max-width:34rem;margin:20vh auto;padding:0 1.5rem}h1{font-size:1.25rem}';
const refusalPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(refusalStyle).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** As a page of one sentence. */
export function sendRefusalPage(response: ServerResponse, { status, message, hint }: Refusal): void {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Keepsake</title><style>${refusalStyle}</style>`;
  const html = `<!doctype html><html lang="en"><head>${head}</head><body><main><h1>${message}</h1><p>${hint}</p></main></body></html>`;
  const headers = { ...extra(status), 'content-security-policy': refusalPolicy };
  send(response, status, { type: 'text/html; charset=utf-8', bytes: Buffer.from(html) }, headers);
}

/** As the contract's client reads errors. */
export function sendRefusal(response: ServerResponse, { status, message, hint }: Refusal): void {
  const code: ErrorCode = status === 404 ? 'not-found' : status >= 500 ? 'internal' : 'invalid-input';
  const json = { defined: false, code, status, message, data: { code, message, hint } };
  const bytes = Buffer.from(JSON.stringify({ json }));
  send(response, status, { type: 'application/json', bytes }, extra(status));
}

function extra(status: number): Record<string, string> {
  return status === 405 ? { allow: 'GET, POST' } : {};
}
