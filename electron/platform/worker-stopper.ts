/** Ends a worker: asked first, then told, then made to. */
import type { ChildProcess } from 'node:child_process';

const politeMs = 5_000;

/** `cancel` or `pause` on stdin, SIGTERM after 5 s, SIGKILL after 5 s more. */
export function createStopper(child: ChildProcess): {
  politely: (request: 'cancel' | 'pause') => void;
  firmly: () => void;
  now: () => void;
  done: () => void;
} {
  const timers: NodeJS.Timeout[] = [];
  const later = (ms: number, signal: NodeJS.Signals): void => {
    timers.push(setTimeout(() => child.kill(signal), ms));
  };
  return {
    politely: (request) => {
      child.stdin?.write(`{"type":"${request}"}\n`);
      later(politeMs, 'SIGTERM');
      later(2 * politeMs, 'SIGKILL');
    },
    firmly: () => {
      child.kill('SIGTERM');
      later(politeMs, 'SIGKILL');
    },
    /** One that hangs hears no request. */
    now: () => {
      child.kill('SIGKILL');
    },
    done: () => {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
