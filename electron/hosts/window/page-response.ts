import { pageHeaders } from '../page/content-policy.ts';
import { findPageFile } from '../page/page-files.ts';
import { isOwnPage, pageOrigin } from './addresses.ts';

/** The page's file for a request of the window, or 404. */
export async function respondWithPage(request: Request, pageFolder: string): Promise<Response> {
  const path = isOwnPage(request.url) ? request.url.slice(pageOrigin.length).split(/[?#]/u, 1)[0] : undefined;
  const isRead = path !== undefined && request.method === 'GET';
  const file = isRead ? await findPageFile(pageFolder, path || '/') : undefined;
  if (file === undefined) return new Response(null, { status: 404, headers: pageHeaders });
  const headers = { ...pageHeaders, 'content-type': file.type };
  return new Response(new Uint8Array(file.bytes), { status: 200, headers });
}

/** True for what the window may fetch: its page, pictures inside it, and the developer tools. */
export function isAllowedRequest(url: string): boolean {
  return isOwnPage(url) || url.startsWith('data:image/') || url.startsWith('devtools:');
}
