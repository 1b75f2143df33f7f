/**
 * What the command line prints. With --json, stdout holds JSON lines only and the last one is the result or the
 * error; without, stdout holds the result for people and stderr everything else.
 */
import type { Progress } from '../../contract/entities/job.ts';
import { AppError } from '../../contract/errors.ts';

/** What a command gives: the same result for programs and for people. */
export type CommandResult = {
  readonly result: unknown;
  readonly text: string;
  /** Remarks for people, on stderr. */
  readonly notes?: readonly string[];
  /** Not 0 where the work was done and its outcome is a failure all the same (the demo below its floors). */
  readonly exitCode?: number;
};

export type Output = {
  readonly json: boolean;
  readonly print: (result: CommandResult) => void;
  /** One JSON line, or a line for people on stderr. */
  readonly event: (event: Record<string, unknown>, text: string | null) => void;
  readonly progress: (progress: Progress) => void;
  readonly error: (error: AppError) => void;
  /** A piece of text for people while it is made; nothing with --json. */
  readonly stream: (text: string) => void;
  /** Resolves once all that was printed has left the process. */
  readonly flush: () => Promise<void>;
};

/** Shortest time between two progress lines, in milliseconds. */
const progressIntervalMs = { terminal: 100, pipe: 5000, json: 500 };

/** Writes to the process's standard streams. */
export function createOutput(options: { readonly json: boolean }): Output {
  const { json } = options;
  const isTerminal = process.stderr.isTTY;
  let lineIsOpen = false;
  let last = { at: 0, title: '' };

  const writeOut = (text: string): void => void process.stdout.write(text);
  const writeError = (text: string): void => void process.stderr.write(text);
  const endLine = (): void => {
    if (lineIsOpen) writeError('\r\x1b[K');
    lineIsOpen = false;
  };

  return {
    json,
    print: ({ result, text, notes = [] }) => {
      endLine();
      writeOut(
        json ? `${JSON.stringify(result)}\n` : text === '' || text.endsWith('\n') ? text : `${text}\n`,
      );
      if (!json) for (const note of notes) writeError(`${note}\n`);
    },
    event: (event, text) => {
      endLine();
      if (json) writeOut(`${JSON.stringify(event)}\n`);
      else if (text !== null) writeError(`${text}\n`);
    },
    progress: (progress) => {
      const now = Date.now();
      const interval = json ? progressIntervalMs.json : progressIntervalMs[isTerminal ? 'terminal' : 'pipe'];
      const isComplete = progress.total !== null && progress.done >= progress.total;
      if (progress.title === last.title && now - last.at < interval && !isComplete) return;
      last = { at: now, title: progress.title };
      if (json) {
        writeOut(`${JSON.stringify({ type: 'progress', ...progress })}\n`);
      } else if (isTerminal) {
        writeError(`\r\x1b[K${describeProgress(progress)}`);
        lineIsOpen = true;
      } else {
        writeError(`${describeProgress(progress)}\n`);
      }
    },
    error: (error) => {
      endLine();
      if (json) {
        const { code, message } = error;
        const hint = hintOf(error);
        writeOut(`${JSON.stringify({ error: { code, message, hint } })}\n`);
      } else {
        writeError(`${error.message}\n${hintOf(error)}\n`);
      }
    },
    stream: (text) => {
      if (!json) writeOut(text);
    },
    flush: async () => {
      endLine();
      await Promise.all([drain(process.stdout), drain(process.stderr)]);
    },
  };
}

/**
 * Watches what is printed: a reader that has gone away (`| head -1`) ends the printing, not the work.
 *
 * The function that is given tells of any other failure, such as a full disk behind `> file`.
 */
export function watchOutput(): { readonly failure: () => AppError | null } {
  let failure: AppError | null = null;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EPIPE' || cause.code === 'EBADF') return;
      failure ??= new AppError('disk-full', `What is printed cannot be written: ${cause.message}.`, {
        hint: 'Free some space, or print to another place.',
        cause,
      });
    });
  }
  return { failure: () => failure };
}

/** What the reader can do; a general advice where the error brings none of its own. */
function hintOf({ code, hint }: AppError): string {
  if (hint !== undefined) return hint;
  if (code === 'cancelled') return 'Run the same command again to go on.';
  if (code === 'not-found') return 'Check the name or the path.';
  if (code === 'invalid-input') return 'See the command with --help.';
  return 'Try again; what happened is written in logs/keepsake.log in the data folder.';
}

/** "Learning 120/300 steps, loss 0.412". */
export function describeProgress(progress: Progress): string {
  const { done, total, unit, title, detail } = progress;
  const isShare = unit === 'bytes' && total !== null && total > 0;
  const amount = isShare
    ? `${Math.floor((100 * done) / total)} %`
    : total === null
      ? ''
      : `${done}/${total} ${unit}`;
  return `${[title, amount].filter((part) => part !== '').join(' ')}${detail === undefined ? '' : `, ${detail}`}`;
}

function drain(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.errored !== null) resolve();
    else stream.write('', () => resolve());
  });
}
