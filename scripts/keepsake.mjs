// Usage: npm run --silent keepsake -- <command> [options]
// Checks that set-up is done (what it says goes to stderr) and starts the command line program in the caller's folder.
import { bootstrap, needs } from './lib/bootstrap.mjs';
import { printSetupError, setupExitCode } from './lib/setup-error.mjs';
import { callerFolder, startApplication } from './lib/start-application.mjs';

// Only these need the trainer or a model; all others, and what is no command at all, work before those are there.
const heavyCommands = [
  ...[
    'models',
    'dataset',
    'train',
    'devices',
    'adapters',
    'merge',
    'evaluate',
    'chat',
    'ask',
    'serve',
    'demo',
  ],
];
const optionsWithValue = ['--data', '--profile'];

const args = process.argv.slice(2);
const asksForHelp =
  args.length === 0 || args.includes('--help') || args.includes('-h') || args.includes('--version');
const command = args.find(
  (arg, index) => !arg.startsWith('-') && !optionsWithValue.includes(args[index - 1]),
);
const isLight = asksForHelp || !heavyCommands.includes(command);
try {
  await bootstrap(isLight ? needs.modules : needs.everything);
  startApplication(args, { cwd: callerFolder('keepsake') });
} catch (error) {
  printSetupError(error);
  if (args.includes('--json')) {
    const { code = 'internal', message, hint } = error;
    process.stdout.write(`${JSON.stringify({ error: { code, message, ...(hint ? { hint } : {}) } })}\n`);
  }
  process.exitCode = setupExitCode;
}
