/**
 * Runs beside the page, sandboxed and in a world of its own. It passes one message port on to the main program, and that
 * is all that the page gets of Electron.
 */
import { ipcRenderer } from 'electron';
import { portGreeting } from '../window/addresses.ts';

/** What is used of a message to the page's window. */
type Message = { readonly data: unknown; readonly ports: readonly object[]; readonly source: unknown };
declare const window: {
  readonly addEventListener: (type: 'message', listener: (message: Message) => void) => void;
};

let isConnected = false;
window.addEventListener('message', ({ data, ports, source }) => {
  const [port] = ports;
  if (isConnected || source !== window || data !== portGreeting || port === undefined) return;
  isConnected = true;
  ipcRenderer.postMessage(portGreeting, null, [port]);
});
