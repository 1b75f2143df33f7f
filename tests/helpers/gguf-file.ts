/** Writes small GGUF files of any content, right or wrong, for tests of readers. */
import { writeFileSync } from 'node:fs';

export type GgufKey = readonly [key: string, type: 'text' | 'uint32' | 'float32' | 'texts', value: unknown];
export type GgufTensorToWrite = {
  readonly name: string;
  readonly shape: readonly number[];
  /** ggml's number of the type; F32 without one. */
  readonly type?: number;
  /** Zeros of F32 without any. */
  readonly data?: Buffer;
  /** A wrong place, relative to the data. */
  readonly offset?: number;
};

const alignment = 32;

/** Writes a file as llama.cpp does: version 3, data at multiples of 32. */
export function writeGguf(
  file: string,
  keys: readonly GgufKey[],
  tensors: readonly GgufTensorToWrite[],
): void {
  writeFileSync(file, ggufBytes(keys, tensors));
}

/** The bytes of such a file. */
export function ggufBytes(keys: readonly GgufKey[], tensors: readonly GgufTensorToWrite[]): Buffer {
  let place = 0;
  const data: Buffer[] = [];
  const headers = tensors.map((tensor) => {
    const bytes = tensor.data ?? Buffer.alloc(tensor.shape.reduce((product, size) => product * size, 4));
    const header = Buffer.concat([
      text(tensor.name),
      uint32(tensor.shape.length),
      ...tensor.shape.map(uint64),
      uint32(tensor.type ?? 0),
      uint64(tensor.offset ?? place),
    ]);
    const padded = pad(bytes);
    data.push(padded);
    place += padded.length;
    return header;
  });
  const counts = [uint64(tensors.length), uint64(keys.length)];
  const head = Buffer.concat([Buffer.from('GGUF'), uint32(3), ...counts, ...keys.map(keyBytes), ...headers]);
  return Buffer.concat([pad(head), ...data]);
}

/** F32 bytes of numbers. */
export function float32Bytes(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes;
}

function keyBytes([key, type, value]: GgufKey): Buffer {
  switch (type) {
    case 'text':
      return Buffer.concat([text(key), uint32(8), text(String(value))]);
    case 'uint32':
      return Buffer.concat([text(key), uint32(4), uint32(Number(value))]);
    case 'float32':
      return Buffer.concat([text(key), uint32(6), float32Bytes([Number(value)])]);
    case 'texts': {
      const items = value as readonly string[];
      return Buffer.concat([text(key), uint32(9), uint32(8), uint64(items.length), ...items.map(text)]);
    }
  }
}

function pad(bytes: Buffer): Buffer {
  const size = Math.ceil(bytes.length / alignment) * alignment;
  return Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([uint64(bytes.length), bytes]);
}
