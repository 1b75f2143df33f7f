import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError, exitCodeOf, toAppError } from '../../contract/errors.ts';
import { serveWeb } from './serve.ts';

const usage = 'npm start -- --web [--data FOLDER] [--profile NAME] [--port N]';
/** Shortest key that tests may fix, in characters. */
const shortestKey = 32;

type Arguments = {
  readonly data: string | undefined;
  readonly profile: string | undefined;
  readonly port: number;
  readonly pageFolder: string | undefined;
};

/** Serves until the process is asked to end; gives its exit code. */
export async function runWebHost(args: readonly string[]): Promise<number> {
  // Asked for early: a Ctrl-C while the folder opens ends it as well.
  const stop = stopRequest();
  try {
    const { env } = process;
    const tell = (notice: string): boolean => process.stderr.write(`${notice}\n`);
    const serving = await serveWeb({
      ...parse(args),
      fixedKey: fixedKeyOf(env.KEEPSAKE_TEST_WEB_KEY, env.NODE_ENV),
      onOpened: () => process.stderr.write(`Opened. For another browser: ${serving.url()}\n`),
      onNotice: tell,
    });
    serving.notices.forEach(tell);
    process.stderr.write('Keepsake is open for this machine only; Ctrl-C ends it. Open in a browser:\n');
    process.stdout.write(`${serving.url()}\n`);
    const said = await Promise.race([stop, serving.ended]);
    if (said === undefined) await serving.close();
    else tell(said);
    return 0;
  } catch (error) {
    const { code, message, hint } = toAppError(error);
    process.stderr.write(`${message} ${hint ?? `Use: ${usage}`}\n`);
    return exitCodeOf(code);
  }
}

function parse(args: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        data: { type: 'string' },
        profile: { type: 'string' },
        port: { type: 'string', default: '0' },
        static: { type: 'string' },
      },
    });
    return {
      data: absolute(values.data, '--data'),
      profile: values.profile,
      port: portOf(values.port),
      pageFolder: absolute(values.static, '--static'),
    };
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('invalid-input', reason, { hint: `Use: ${usage}`, cause: error });
  }
}

function absolute(path: string | undefined, option: string): string | undefined {
  if (path === undefined) return undefined;
  if (path !== '') return resolve(path);
  throw new AppError('invalid-input', `${option} needs a folder.`, { hint: `Use: ${usage}` });
}

function portOf(text: string): number {
  const value = Number(text);
  if (/^\d{1,5}$/u.test(text) && value <= 65_535) return value;
  throw new AppError('invalid-input', `"${text}" is no port: it must be a number from 0 to 65535.`, {
    hint: `Use: ${usage}`,
  });
}

/** A key that is never used up would be a hole: it is taken in tests only. */
function fixedKeyOf(key: string | undefined, environment: string | undefined): string | undefined {
  return environment === 'test' && key !== undefined && key.length >= shortestKey ? key : undefined;
}

/** Resolves at the first request to end; a second press ends the process at once. */
function stopRequest(): Promise<undefined> {
  const onePressMs = 500;
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        firstAt ??= Date.now();
        resolve(undefined);
        if (Date.now() - firstAt > onePressMs) process.exit(exitCodeOf('cancelled'));
      });
    }
  });
}
