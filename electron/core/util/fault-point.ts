/**
 * Named moments at which the app can be made to die or to stop, so that a campaign of faults can hit each of them.
 *
 * KEEPSAKE_FAULT="action:name" or "action:name:n" (the n-th time, from 1; default 1). Actions: `kill` (SIGKILL of this
 * process), `kill-worker`, `stop` and `stop-worker` (SIGSTOP), `fail` (throws as a full disk does). Without the variable
 * nothing happens. The names stand in CONTRIBUTING.md.
 */

export type FaultOptions = {
  /** Process id of the worker, where one runs. */
  readonly worker?: number | undefined;
};

/** How often each named moment came by; a process has one life, so that this may be its state. */
const seen = new Map<string, number>();

/** Says that a named moment has come. */
export function faultPoint(name: string, { worker }: FaultOptions = {}): void {
  const wanted = process.env.KEEPSAKE_FAULT;
  if (wanted === undefined || wanted === '') return;
  const [action, wantedName, turn = '1'] = wanted.split(':');
  if (wantedName !== name) return;
  const count = (seen.get(name) ?? 0) + 1;
  seen.set(name, count);
  if (count !== Number(turn)) return;
  const target = action?.endsWith('-worker') === true ? worker : process.pid;
  const signal = action?.startsWith('kill') === true ? 'SIGKILL' : 'SIGSTOP';
  if (action === 'fail') {
    throw Object.assign(new Error(`ENOSPC: no space left on device (asked for at ${name})`), {
      code: 'ENOSPC',
    });
  }
  if (target !== undefined) process.kill(target, signal);
}
