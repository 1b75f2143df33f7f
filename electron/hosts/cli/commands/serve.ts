import { InvalidArgumentError } from 'commander';
import { AppError } from '../../../contract/errors.ts';
import { userPath, type CommandContext, type CommandGroup } from '../command.ts';
import type { CommandResult } from '../output.ts';

const defaultPort = 4517;

type ServeFlags = {
  readonly openai?: boolean;
  readonly port: number;
  readonly keyFile?: string;
  readonly showKey?: boolean;
  readonly newKey?: boolean;
};

/** `keepsake serve` */
export const serveCommands: CommandGroup = (program, run) => {
  program
    .command('serve')
    .description('let other programs on this machine ask, until Ctrl-C')
    .option('--openai', 'by the OpenAI API: models keepsake (knows you) and base (the plain model)')
    .option('--port <n>', 'port on 127.0.0.1; 0 picks a free one', port, defaultPort)
    .option('--key-file <file>', 'take the key from here (default: openai-key in the data folder)')
    .option('--show-key', 'print the key that programs must send; a new one is printed anyway')
    .option('--new-key', 'make a new key: the old one is worthless from then on')
    .action((flags: ServeFlags) => run((context) => serve(flags, context)));
};

async function serve(flags: ServeFlags, context: CommandContext): Promise<CommandResult> {
  if (flags.openai !== true) {
    throw new AppError('invalid-input', 'Say what to serve.', { hint: 'keepsake serve --openai' });
  }
  const { serveOpenAi } = await import('../../openai/serve.ts');
  const serving = await serveOpenAi({
    data: context.data,
    profile: context.profile,
    port: flags.port,
    keyFile: flags.keyFile === undefined ? undefined : userPath(flags.keyFile),
    newKey: flags.newKey ?? false,
  });
  const showsKey = serving.isNewKey || flags.showKey === true;
  const { url, keyFile } = serving;
  context.output.event(
    { type: 'listening', url, port: serving.port, keyFile, ...(showsKey && { key: serving.key }) },
    [
      `Serving ${url} for programs on this machine; Ctrl-C ends it.`,
      showsKey ? `Key: ${serving.key}` : `Key: in ${keyFile} (--show-key prints it)`,
      'Whoever has the key can ask for what you have told.',
    ].join('\n'),
  );
  await aborted(context.signal);
  await serving.close();
  return { result: { type: 'stopped' }, text: 'Stopped serving.' };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/u.test(text) || value > 65_535) {
    throw new InvalidArgumentError('It must be a port number from 0 to 65535.');
  }
  return value;
}
