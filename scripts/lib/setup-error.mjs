/** A set-up step that cannot go on: one sentence for the reader, and what to do about it. */
export class SetupError extends Error {
  code = 'setup-missing';

  constructor(message, hint, options) {
    super(message, options);
    this.name = 'SetupError';
    this.hint = hint;
  }
}

/** Exit code of every script whose set-up failed: the class "input or usage" of the command line. */
export const setupExitCode = 2;

/** Says on stderr why set-up stopped; a SetupError without its stack, anything else with it. */
export function printSetupError(error) {
  if (error instanceof SetupError) process.stderr.write(`setup: ${error.message} ${error.hint}\n`);
  else process.stderr.write(`setup: ${error?.stack ?? error}\n`);
}

const offlineSigns =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|Failed to establish a new connection|Temporary failure in name resolution|Max retries exceeded|ConnectTimeoutError|Read timed out|No matching distribution found|ProxyError|network/i;

/** Turns the output of a failed download into one sentence. */
export function downloadError(what, output, logFile) {
  if (offlineSigns.test(output)) {
    return new SetupError(
      `Could not download ${what}: the package registry was not reached.`,
      'Connect to the internet (or set your proxy for npm and pip) and run the same command again.',
    );
  }
  const lastLine = output.trim().split('\n').at(-1)?.trim() ?? '';
  return new SetupError(`Could not download ${what}: ${lastLine}`, `The whole output is in ${logFile}.`);
}
