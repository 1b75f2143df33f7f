/**
 * Writes small LoRA adapters in GGUF, so that serving can be tested before anything was trained.
 *
 * The layout is that of llama.cpp: magic, version 3, counts, keys, tensor headers, then data aligned to 32 bytes.
 */
import { writeFileSync } from 'node:fs';
import { createRandom } from '../../electron/core/util/random.ts';

/** Sizes of the attention output of a base, where the adapter is attached. */
export type AdapterShape = { readonly layers: number; readonly width: number };

/** SmolLM2-135M. */
export const smolShape: AdapterShape = { layers: 30, width: 576 };

const rank = 2;
const alignment = 32;

/** Writes an adapter of random numbers; `strength` 0 changes nothing, 1 changes the answers. */
export function writeAdapter(file: string, shape: AdapterShape, seed: number, strength: number): void {
  const random = createRandom(seed);
  const draw = (count: number, size: number): Float32Array =>
    Float32Array.from({ length: count }, () => (random.next() * 2 - 1) * size);
  const tensors = Array.from({ length: shape.layers }, (_, layer) => [
    {
      name: `blk.${layer}.attn_output.weight.lora_a`,
      sizes: [shape.width, rank],
      data: draw(shape.width * rank, 1 / Math.sqrt(shape.width)),
    },
    {
      name: `blk.${layer}.attn_output.weight.lora_b`,
      sizes: [rank, shape.width],
      data: draw(rank * shape.width, strength),
    },
  ]).flat();

  const keys = [
    keyText('general.type', 'adapter'),
    keyText('general.architecture', 'llama'),
    keyText('adapter.type', 'lora'),
    Buffer.concat([text('adapter.lora.alpha'), uint32(6), float32(rank)]),
  ];
  let offset = 0;
  const headers = tensors.map(({ name, sizes, data }) => {
    const header = Buffer.concat([
      text(name),
      uint32(sizes.length),
      ...sizes.map(uint64),
      uint32(0),
      uint64(offset),
    ]);
    offset += padded(data.byteLength);
    return header;
  });
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    uint32(3),
    uint64(tensors.length),
    uint64(keys.length),
    ...keys,
    ...headers,
  ]);
  const body = tensors.map(({ data }) => pad(Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
  writeFileSync(file, Buffer.concat([pad(head), ...body]));
}

function padded(size: number): number {
  return Math.ceil(size / alignment) * alignment;
}

function pad(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(padded(bytes.length) - bytes.length)]);
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

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function keyText(key: string, value: string): Buffer {
  return Buffer.concat([text(key), uint32(8), text(value)]);
}
