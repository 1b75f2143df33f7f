import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findNumber, findText, readGgufHeader } from '../../../electron/core/models/gguf-header.ts';
import {
  float32Bytes,
  ggufBytes,
  writeGguf,
  type GgufKey,
  type GgufTensorToWrite,
} from '../../helpers/gguf-file.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const keys: readonly GgufKey[] = [
  ['general.architecture', 'text', 'llama'],
  ['llama.block_count', 'uint32', 2],
  ['tokenizer.ggml.tokens', 'texts', ['<s>', '</s>', 'a']],
];
const tensors: readonly GgufTensorToWrite[] = [
  { name: 'blk.0.attn_q.weight', shape: [4, 2], data: float32Bytes([1, 2, 3, 4, 5, 6, 7, 8]) },
  { name: 'output_norm.weight', shape: [4] },
];

function aFile(bytes: Buffer): string {
  const file = join(tempFolder(), 'model.gguf');
  writeFileSync(file, bytes);
  return file;
}

describe('the header of a GGUF file', () => {
  it('gives keys, arrays that were asked for, and the place of each tensor', () => {
    const file = join(tempFolder(), 'model.gguf');
    writeGguf(file, keys, tensors);
    const header = readGgufHeader(file, { arrays: ['tokenizer.ggml.tokens'] });
    expect(findText(header, 'general.architecture')).toBe('llama');
    expect(findNumber(header, 'llama.block_count')).toBe(2);
    expect(header.keys.get('tokenizer.ggml.tokens')).toMatchObject({ items: ['<s>', '</s>', 'a'] });
    expect(header.tensors.map(({ name, shape, bytes }) => [name, shape, bytes])).toEqual([
      ['blk.0.attn_q.weight', [4, 2], 32],
      ['output_norm.weight', [4], 16],
    ]);
    expect(header.tensors.every(({ offset }) => offset % 32 === 0)).toBe(true);
  });

  it('skips arrays that nobody asked for', () => {
    const header = readGgufHeader(aFile(ggufBytes(keys, tensors)));
    expect(header.keys.get('tokenizer.ggml.tokens')).toEqual({ itemType: 8, count: 3, items: null });
  });

  it('refuses a file that is cut off anywhere', () => {
    const whole = ggufBytes(keys, tensors);
    const file = aFile(whole);
    for (let length = whole.length - 17; length >= 0; length -= 3) {
      truncateSync(file, length);
      expect(() => readGgufHeader(file), `cut at ${length}`).toThrow(/cannot be read/u);
    }
  });

  it('refuses tensors that overlap or have one name', () => {
    const [first, second] = tensors;
    if (first === undefined || second === undefined) throw new Error('no tensors');
    expect(() => readGgufHeader(aFile(ggufBytes(keys, [first, { ...second, offset: 0 }])))).toThrow(
      /overlaps/u,
    );
    expect(() => readGgufHeader(aFile(ggufBytes(keys, [first, { ...second, name: first.name }])))).toThrow(
      /twice/u,
    );
  });

  it('refuses lengths that no file could have', () => {
    const bytes = ggufBytes(keys, tensors);
    bytes.writeBigUInt64LE(2n ** 63n, 8);
    expect(() => readGgufHeader(aFile(bytes))).toThrow(/impossible number/u);
    const many = ggufBytes(keys, tensors);
    many.writeBigUInt64LE(2n ** 40n, 16);
    expect(() => readGgufHeader(aFile(many))).toThrow(/too many/u);
  });
});
