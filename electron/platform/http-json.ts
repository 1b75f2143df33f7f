import { AppError } from '../contract/errors.ts';
import { hostOf, openSource, SourceProblem, type SourceOptions } from './http-source.ts';

/** More than any answer of the hub that is asked for. */
const longestAnswer = 16 * 1024 * 1024;

/** Asks an address for JSON. Throws `download-failed` or `cancelled`. */
export async function readJson(
  url: string,
  { signal, silenceMs, onConnect }: Omit<SourceOptions, 'headers'>,
): Promise<unknown> {
  try {
    const headers = { accept: 'application/json' };
    const answer = await openSource(url, { headers, signal, silenceMs, onConnect });
    try {
      const pieces: Uint8Array[] = [];
      let length = 0;
      for await (const piece of answer.chunks) {
        length += piece.length;
        if (length > longestAnswer) throw new SourceProblem(`${hostOf(url)} sent an endless answer`);
        pieces.push(piece);
      }
      return JSON.parse(Buffer.concat(pieces).toString('utf8')) as unknown;
    } finally {
      answer.close();
    }
  } catch (error) {
    throw toFailure(error, url);
  }
}

function toFailure(error: unknown, url: string): unknown {
  if (error instanceof SyntaxError) {
    return new AppError('download-failed', `${hostOf(url)} answered with something else than JSON.`, {
      hint: 'A network that asks for a login first may be in between. Try again later.',
      cause: error,
    });
  }
  if (!(error instanceof SourceProblem)) return error;
  const message = error.isUnreachable
    ? `No connection to ${hostOf(url)}: the machine seems to be offline.`
    : `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`;
  return new AppError('download-failed', message, {
    hint: error.isUnreachable
      ? 'Connect and try again. Everything but searching and getting models works offline.'
      : 'Check the name, or try again later.',
    cause: error,
  });
}
