/**
 * The command line: `keepsake <noun> <verb>`. Exit code = class of error (see `exitCodeOf`).
 */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { runCommandLine } = await import('./program.ts');
process.exitCode = await runCommandLine(process.argv.slice(2));
process.exit();
