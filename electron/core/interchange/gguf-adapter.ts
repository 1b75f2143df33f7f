/** LoRA adapters in GGUF, as llama.cpp reads and writes them. */
import { AppError } from '../../contract/errors.ts';
import {
  findNumber,
  findText,
  readGgufHeader,
  type GgufHeader,
  type GgufTensor,
} from '../models/gguf-header.ts';
import type { Sink } from '../util/atomic-write.ts';
import { readBytes } from '../util/read-bytes.ts';
import {
  assertFinite,
  isLinearName,
  refuse,
  type BaseShape,
  type LinearName,
  type LoraPair,
  type UniformLora,
} from './lora.ts';
import { decode, encode, type NumberType } from './number-types.ts';

/** An adapter file: its pairs, and the texts that its maker wrote into it. */
export type GgufAdapter = {
  readonly architecture: string;
  readonly pairs: readonly LoraPair[];
  readonly texts: ReadonlyMap<string, string>;
};

const numberTypes: ReadonlyMap<number, NumberType> = new Map([
  [0, 'F32'],
  [1, 'F16'],
  [8, 'Q8_0'],
  [30, 'BF16'],
]);
const alignment = 32;

/** Reads an adapter file. Throws `model-corrupt`, or `model-unsupported` with the reason. */
export function readGgufAdapter(file: string): GgufAdapter {
  const header = readGgufHeader(file);
  if (findText(header, 'general.type') !== 'adapter') {
    throw refuse('The file is a whole model, not an adapter.', 'Add a model with: keepsake models add FILE');
  }
  const kind = findText(header, 'adapter.type');
  if (kind !== 'lora') throw refuse(`It is an adapter of the type "${kind ?? 'unknown'}", not a LoRA.`);
  const invocation = header.keys.get('adapter.alora.invocation_tokens');
  if (invocation !== undefined) throw refuse('It is an activated LoRA, which works from a certain token on.');
  const architecture = findText(header, 'general.architecture');
  if (architecture === undefined) throw corrupt(file, 'it names no architecture');
  const alpha = findNumber(header, 'adapter.lora.alpha') ?? 0;
  if (!Number.isFinite(alpha)) throw corrupt(file, 'its alpha is not a number');
  return { architecture, pairs: readPairs(file, header, alpha), texts: textsOf(header) };
}

/** Width, layers and heads of a base, from its header. */
export function readBaseShape(file: string): BaseShape {
  const header = readGgufHeader(file);
  const architecture = findText(header, 'general.architecture') ?? '';
  const number = (key: string): number | undefined => findNumber(header, `${architecture}.${key}`);
  const heads = number('attention.head_count') ?? 0;
  const weights = new Map(header.tensors.map((tensor) => [tensor.name, tensor.shape]));
  return {
    architecture,
    layers: number('block_count') ?? 0,
    heads,
    headsKv: number('attention.head_count_kv') ?? heads,
    sizeOf: (layer, module) => {
      const [nIn, nOut] = weights.get(`blk.${layer}.${module}.weight`) ?? [];
      return nIn === undefined || nOut === undefined ? undefined : [nIn, nOut];
    },
  };
}

/** Writes an adapter file: F32, keys in the order given. */
export function writeGgufAdapter(
  sink: Sink,
  adapter: UniformLora & { readonly architecture: string },
  texts: Readonly<Record<string, string>>,
): void {
  const keys = [
    textKey('general.type', 'adapter'),
    textKey('general.architecture', adapter.architecture),
    textKey('adapter.type', 'lora'),
    Buffer.concat([text('adapter.lora.alpha'), uint32(6), float32(adapter.alpha)]),
    ...Object.entries(texts).map(([key, value]) => textKey(key, value)),
  ];
  let offset = 0;
  const headers = adapter.pairs.flatMap(({ layer, module, rank, nIn, nOut }) =>
    [
      { name: 'lora_a', shape: [nIn, rank] },
      { name: 'lora_b', shape: [rank, nOut] },
    ].map(({ name, shape }) => {
      const header = tensorHeader(`blk.${layer}.${module}.weight.${name}`, shape, offset);
      offset += padded(shape.reduce((product, length) => product * length, 4));
      return header;
    }),
  );
  const counts = [uint64(headers.length), uint64(keys.length)];
  sink(pad(Buffer.concat([Buffer.from('GGUF'), uint32(3), ...counts, ...keys, ...headers])));
  for (const pair of adapter.pairs) {
    const { a, b } = pair.read();
    for (const values of [a, b]) {
      assertFinite(values, `blk.${pair.layer}.${pair.module}`);
      sink(pad(encode(values)));
    }
  }
}

function readPairs(file: string, header: GgufHeader, alpha: number): LoraPair[] {
  const halves = new Map<string, { layer: number; module: LinearName; a?: GgufTensor; b?: GgufTensor }>();
  for (const tensor of header.tensors) {
    const match = /^blk\.(\d{1,4})\.([a-z_]+)\.weight\.lora_([ab])$/u.exec(tensor.name);
    const [, layer = '', module = '', half] = match ?? [];
    if (match === null || !isLinearName(module)) {
      throw refuse(`It changes ${JSON.stringify(tensor.name.slice(0, 80))}, which Keepsake does not train.`);
    }
    const place = `${Number(layer)} ${module}`;
    const known = halves.get(place) ?? { layer: Number(layer), module };
    halves.set(place, { ...known, ...(half === 'a' ? { a: tensor } : { b: tensor }) });
  }
  return [...halves.values()].map(({ layer, module, a, b }) => {
    const name = `blk.${layer}.${module}`;
    if (a === undefined || b === undefined) throw corrupt(file, `${name} has only one of its two matrices`);
    const [nIn = 0, rank = 0, ...moreA] = a.shape;
    const [rankB = 0, nOut = 0, ...moreB] = b.shape;
    if (rank < 1 || nOut < 1 || rank !== rankB || [...moreA, ...moreB].some((length) => length !== 1)) {
      throw corrupt(file, `the two matrices of ${name} do not fit each other`);
    }
    // libllama reads a missing alpha as "scale 1".
    const scale = alpha === 0 ? 1 : alpha / rank;
    const read = () => ({ a: readTensor(file, a), b: readTensor(file, b) });
    return { layer, module, rank, nIn, nOut, scale, read };
  });
}

function readTensor(file: string, tensor: GgufTensor): Float32Array {
  const type = numberTypes.get(tensor.type);
  if (type === undefined || tensor.bytes === null) {
    throw refuse(`The tensor ${tensor.name} is stored in a type that is not F32, F16, BF16 or Q8_0.`);
  }
  const bytes = readBytes(file, tensor.offset, tensor.bytes);
  if (bytes.length < tensor.bytes) throw corrupt(file, 'it is cut off');
  return decode(type, bytes);
}

function textsOf(header: GgufHeader): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of header.keys) if (typeof value === 'string') texts.set(key, value);
  return texts;
}

function corrupt(file: string, what: string): AppError {
  return new AppError('model-corrupt', `${file} cannot be read: ${what}.`, {
    hint: 'Get the adapter again from where it was made.',
  });
}

function tensorHeader(name: string, shape: readonly number[], offset: number): Buffer {
  return Buffer.concat([text(name), uint32(shape.length), ...shape.map(uint64), uint32(0), uint64(offset)]);
}

function textKey(key: string, value: string): Buffer {
  return Buffer.concat([text(key), uint32(8), text(value)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([uint64(bytes.length), bytes]);
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

function padded(size: number): number {
  return Math.ceil(size / alignment) * alignment;
}

function pad(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(padded(bytes.length) - bytes.length)]);
}
