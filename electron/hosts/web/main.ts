/**
 * The app in a browser: prints `http://127.0.0.1:PORT/?key=…` on a line of its own and serves until Ctrl-C or SIGTERM.
 * Exit codes are those of the command line (`exitCodeOf`).
 */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { runWebHost } = await import('./program.ts');
process.exitCode = await runWebHost(process.argv.slice(2));
process.exit();
