import type { WebFrameMain } from 'electron';
import { isOwnPage } from '../window/addresses.ts';

/** True for the page itself: the outermost frame, at the page's own address. */
export function isTrustedSender(frame: WebFrameMain | null): boolean {
  return frame?.parent === null && isOwnPage(frame.url);
}
