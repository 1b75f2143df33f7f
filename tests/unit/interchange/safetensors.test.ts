import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafeTensors, writeSafeTensors } from '../../../electron/core/interchange/safetensors.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

/** A file with this header and so many bytes of data. */
function aFile(header: string | Buffer, data: Buffer = Buffer.alloc(16)): string {
  const file = join(tempFolder(), 'a.safetensors');
  const text = Buffer.from(header);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(file, Buffer.concat([length, text, data]));
  return file;
}

const entry = (begin: number, end: number, shape: readonly number[] = [2], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('safetensors files', () => {
  it('are read as they were written', () => {
    const parts: Uint8Array[] = [];
    const values = Float32Array.from([1, -2.5, 3e-9, 4]);
    writeSafeTensors(
      (bytes) => parts.push(bytes),
      [
        { name: 'x', shape: [2, 2], values: () => values },
        { name: 'y', shape: [1], values: () => Float32Array.from([7]) },
      ],
      { format: 'pt', note: 'ä' },
    );
    const file = join(tempFolder(), 'b.safetensors');
    writeFileSync(file, Buffer.concat(parts));
    const read = readSafeTensors(file);
    expect(read.metadata).toEqual({ format: 'pt', note: 'ä' });
    expect(read.tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['x', [2, 2]],
      ['y', [1]],
    ]);
    expect(read.tensors.map((tensor) => [...tensor.read()])).toEqual([[...values], [7]]);
    expect((parts[0]?.length ?? 1) % 8).toBe(0);
  });

  it('give halves and brain floats as F32', () => {
    const data = Buffer.alloc(8);
    data.writeUInt16LE(0x3c00, 0); // 1
    data.writeUInt16LE(0xc100, 2); // -2.5
    data.writeUInt16LE(0x3f80, 4); // 1
    data.writeUInt16LE(0xc020, 6); // -2.5
    const header = JSON.stringify({ h: entry(0, 4, [2], 'F16'), b: entry(4, 8, [2], 'BF16') });
    const read = readSafeTensors(aFile(header, data));
    expect(read.tensors.map((tensor) => [...tensor.read()])).toEqual([
      [1, -2.5],
      [1, -2.5],
    ]);
  });

  it.each([
    ['an offset behind the end', { a: entry(0, 8), b: entry(8, 24, [4]) }, /beyond the end/u],
    ['overlapping tensors', { a: entry(0, 8), b: entry(4, 12), c: entry(8, 16) }, /overlaps/u],
    ['a gap', { a: entry(0, 8), b: entry(12, 16, [1]) }, /gap/u],
    ['bytes left over', { a: entry(0, 8) }, /left over/u],
    ['a shape that does not fit', { a: entry(0, 16, [3]) }, /does not fit/u],
    ['offsets the wrong way round', { a: entry(16, 0, [4]) }, /beyond the end/u],
    ['a negative offset', { a: entry(-8, 8, [4]) }, /another shape/u],
    ['a shape whose product is no number', { a: entry(0, 16, [2 ** 40, 2 ** 40]) }, /beyond the end/u],
    ['a type that is no weight', { a: entry(0, 16, [2], 'I64') }, /stored as "I64"/u],
    ['metadata that are no texts', { __metadata__: { a: 1 }, b: entry(0, 16, [4]) }, /metadata/u],
    ['an entry that is no table', { a: 3 }, /another shape/u],
  ])('are refused for %s', (_name, header, message) => {
    expect(() => readSafeTensors(aFile(JSON.stringify(header)))).toThrow(message);
  });

  it('are refused for one name twice, also when it is spelt in another way', () => {
    const one = JSON.stringify(entry(0, 8));
    const two = JSON.stringify(entry(8, 16));
    expect(() => readSafeTensors(aFile(`{"a":${one},"\\u0061":${two}}`))).toThrow(/twice/u);
    expect(() =>
      readSafeTensors(aFile(`{"a":{"dtype":"F32","dtype":"F16","shape":[4],"data_offsets":[0,16]}}`)),
    ).toThrow(/twice/u);
  });

  it('are refused for a header that is longer than the file, no JSON, no object or no text', () => {
    const tooLong = aFile('{}');
    writeFileSync(tooLong, Buffer.from('ffffffffffffff7f7b7d', 'hex'));
    expect(() => readSafeTensors(tooLong)).toThrow(/longer than the file/u);
    expect(() => readSafeTensors(aFile('{"a":'))).toThrow(/no JSON/u);
    expect(() => readSafeTensors(aFile('[]'))).toThrow(/no JSON object/u);
    expect(() => readSafeTensors(aFile(Buffer.from([0x7b, 0xff, 0x7d])))).toThrow(/no JSON/u);
    const empty = join(tempFolder(), 'empty.safetensors');
    writeFileSync(empty, '');
    expect(() => readSafeTensors(empty)).toThrow(/no safetensors file/u);
  });
});
