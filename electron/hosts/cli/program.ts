/** Puts the command line together: global options, groups of commands, and one place where errors become exit codes. */
import { Command, CommanderError } from 'commander';
import { AppError, cancelledError, exitCodeOf, toAppError } from '../../contract/errors.ts';
import { appVersion } from '../../contract/version.ts';
import { userPath, type CommandContext, type CommandGroup, type RunCommand } from './command.ts';
import { adaptersCommands } from './commands/adapters.ts';
import { backupsCommands } from './commands/backups.ts';
import { chatCommands } from './commands/chat.ts';
import { datasetCommands } from './commands/dataset.ts';
import { deleteAllCommands } from './commands/delete-all.ts';
import { demoCommands } from './commands/demo.ts';
import { devicesCommands } from './commands/devices.ts';
import { evaluateCommands } from './commands/evaluate.ts';
import { factsCommands } from './commands/facts.ts';
import { mergeCommands } from './commands/merge.ts';
import { jobsCommands } from './commands/jobs.ts';
import { modelsCommands } from './commands/models.ts';
import { profilesCommands } from './commands/profiles.ts';
import { serveCommands } from './commands/serve.ts';
import { statusCommands } from './commands/status.ts';
import { trainCommands } from './commands/train.ts';
import { createInterruptSignal } from './interrupts.ts';
import { createOutput, watchOutput, type Output } from './output.ts';

const groups: readonly CommandGroup[] = [
  factsCommands,
  modelsCommands,
  datasetCommands,
  trainCommands,
  devicesCommands,
  jobsCommands,
  adaptersCommands,
  mergeCommands,
  evaluateCommands,
  chatCommands,
  serveCommands,
  statusCommands,
  profilesCommands,
  backupsCommands,
  deleteAllCommands,
  demoCommands,
];

type GlobalOptions = { readonly data?: string; readonly profile?: string; readonly json?: boolean };

/** Runs one command and gives its exit code; everything is printed when it resolves. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const watched = watchOutput();
  // Errors of usage are found before the options are read, so --json is looked for by itself.
  const output = createOutput({ json: asksForJson(args) });
  const interrupts = createInterruptSignal();
  try {
    const exitCode = await runProgram(args, output, interrupts.signal);
    await output.flush();
    const failure = watched.failure();
    if (failure !== null) throw failure;
    return exitCode;
  } catch (error) {
    const named = interrupts.signal.aborted ? asCancelled(error) : toAppError(error);
    output.error(named);
    return exitCodeOf(named.code);
  } finally {
    interrupts.dispose();
    await output.flush();
  }
}

async function runProgram(args: readonly string[], output: Output, signal: AbortSignal): Promise<number> {
  const program = createProgram(output);
  let exitCode = 0;
  const run: RunCommand = async (work) => {
    const { data, profile } = program.opts<GlobalOptions>();
    const context: CommandContext = {
      output,
      signal,
      data: data === undefined ? undefined : userPath(data),
      profile,
    };
    const result = await work(context);
    if (result === null) return;
    output.print(result);
    exitCode = result.exitCode ?? 0;
  };
  for (const group of groups) group(program, run);
  prepare(program, output);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    throw usageError(error, program, args);
  }
  return exitCode;
}

function createProgram(output: Output): Command {
  return new Command('keepsake')
    .description('Teaches a local language model the facts you choose, and proves what it learnt.')
    .version(appVersion, '--version', 'print the version')
    .option('--data <folder>', "where facts and adapters lie (default: the system's place for your data)")
    .option('--profile <name>', 'whose facts and adapters (default: see `profiles use`)')
    .option('--json', 'print JSON lines only; the last one is the result or the error')
    .helpOption('-h, --help', 'say how a command is used')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => output.print({ result: { help: text }, text }),
      // What is wrong is said once, as an error with a code.
      writeErr: () => undefined,
    });
}

/** Gives every command the same handling of usage errors: thrown, not printed. */
function prepare(command: Command, output: Output): void {
  command.exitOverride();
  command.copyInheritedSettings(command.parent ?? command);
  if (command.parent !== null) {
    command.configureOutput(command.parent.configureOutput());
    command.helpOption('-h, --help', 'say how this command is used');
  }
  command.showHelpAfterError(false);
  command.allowExcessArguments(false);
  for (const child of command.commands) prepare(child, output);
}

function usageError(error: CommanderError, program: Command, args: readonly string[]): AppError {
  const path = commandPath(program, args);
  const hint = `See: keepsake ${[...path, '--help'].join(' ')}`;
  if (error.code === 'commander.help') {
    const wanted = path.length === 0 ? 'a command' : `what to do with ${path.join(' ')}`;
    return new AppError('invalid-input', `Say ${wanted}.`, { hint, cause: error });
  }
  const sentence = error.message
    .replace(/^error: /u, '')
    .replace(/\n\(?/gu, ' ')
    .replace(/\)$/u, '');
  const text = `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
  return new AppError('invalid-input', /[.?!]$/u.test(text) ? text : `${text}.`, { hint, cause: error });
}

/** The known commands that the arguments name, as far as they go. */
function commandPath(program: Command, args: readonly string[]): string[] {
  const path: string[] = [];
  let command = program;
  for (const arg of args) {
    const child = command.commands.find((candidate) => candidate.name() === arg);
    if (child === undefined) continue;
    path.push(arg);
    command = child;
  }
  return path;
}

function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end < 0 ? args : args.slice(0, end)).includes('--json');
}

function asCancelled(error: unknown): AppError {
  const named = toAppError(error);
  return named.code === 'internal' ? cancelledError(error) : named;
}
