/** Turns a byte stream into JSON objects, one a line, with a limit on the length of a line. */
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

export type JsonLine =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: 'too-long' | 'not-json'; readonly start: string };

/** Yields each line of the stream as parsed JSON, or as what is wrong with it. Blank lines are skipped. */
export async function* readJsonLines(stream: Readable, maxLength = 1_000_000): AsyncGenerator<JsonLine> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let skipping = false;
  for await (const chunk of stream) {
    // A Readable of bytes yields Buffers.
    rest += decoder.write(chunk as Buffer);
    let end = rest.indexOf('\n');
    while (end >= 0) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      if (skipping) skipping = false;
      else if (line.length > maxLength) yield { ok: false, reason: 'too-long', start: line.slice(0, 80) };
      else if (line.trim() !== '') yield parseLine(line);
      end = rest.indexOf('\n');
    }
    if (rest.length > maxLength) {
      if (!skipping) yield { ok: false, reason: 'too-long', start: rest.slice(0, 80) };
      skipping = true;
      rest = '';
    }
  }
  rest += decoder.end();
  if (!skipping && rest.trim() !== '') yield parseLine(rest);
}

function parseLine(line: string): JsonLine {
  try {
    return { ok: true, value: JSON.parse(line) as unknown };
  } catch {
    return { ok: false, reason: 'not-json', start: line.slice(0, 80) };
  }
}
