import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readJsonLines, type JsonLine } from '../../../electron/platform/json-lines.ts';

async function read(chunks: readonly (string | Buffer)[], maxLength?: number): Promise<JsonLine[]> {
  const stream = Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)),
    { objectMode: true },
  );
  const lines: JsonLine[] = [];
  for await (const line of readJsonLines(stream, maxLength)) lines.push(line);
  return lines;
}

const values = (lines: readonly JsonLine[]): unknown[] =>
  lines.map((line) => (line.ok ? line.value : line.reason));

describe('lines of JSON from a stream', () => {
  it('are the same wherever the stream is cut', async () => {
    const bytes = Buffer.from('{"name":"Zoë 🐈"}\n[1,2]\n');
    const cut = (size: number): Buffer[] =>
      Array.from({ length: Math.ceil(bytes.length / size) }, (_unused, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
    const readings = await Promise.all([1, 2, 3, 7, bytes.length].map((size) => read(cut(size))));
    expect(readings.map(values)).toEqual(readings.map(() => [{ name: 'Zoë 🐈' }, [1, 2]]));
  });

  it('need no line feed at the end, may end in CRLF, and blank ones are skipped', async () => {
    expect(values(await read(['1\r\n\n  \n2']))).toEqual([1, 2]);
  });

  it('that are no JSON are told with their beginning, and the next is read', async () => {
    const garbage = `oops ${'x'.repeat(200)}`;
    expect(await read([`${garbage}\n{"a":1}\n`])).toEqual([
      { ok: false, reason: 'not-json', start: garbage.slice(0, 80) },
      { ok: true, value: { a: 1 } },
    ]);
  });

  it('that are cut off by the end of the stream are no JSON', async () => {
    expect(values(await read(['{"a":1}\n{"b":']))).toEqual([{ a: 1 }, 'not-json']);
  });

  it.each([
    ['in one piece', [`"${'x'.repeat(50)}"\n2\n`]],
    ['in many pieces', ['"xxxx', ...Array.from({ length: 30 }, () => 'xxxxx'), '"\n2\n']],
  ])('that are too long are told once and skipped, %s', async (_how, chunks) => {
    expect(values(await read(chunks, 20))).toEqual(['too-long', 2]);
  });

  it('that never end are told once', async () => {
    expect(
      values(
        await read(
          Array.from({ length: 100 }, () => 'xxxxxxxxxx'),
          20,
        ),
      ),
    ).toEqual(['too-long']);
  });
});
