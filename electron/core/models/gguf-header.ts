/**
 * The header of a GGUF file: keys, and where each tensor lies. Weights are not read.
 *
 * Layout: magic, version, counts, keys, tensor headers, then data at a multiple of `general.alignment`. Every length is
 * checked against the file before it is believed. Arrays are skipped unless their key is asked for.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { AppError } from '../../contract/errors.ts';

export type GgufArray = {
  readonly itemType: number;
  readonly count: number;
  readonly items: GgufItem[] | null;
};
export type GgufItem = string | number | bigint | boolean;
export type GgufValue = GgufItem | GgufArray;

export type GgufTensor = {
  readonly name: string;
  /** Fastest dimension first, as ggml counts. */
  readonly shape: readonly number[];
  /** ggml's number of the type: 0 = F32, 1 = F16, 8 = Q8_0, 30 = BF16 ... */
  readonly type: number;
  /** Bytes from the beginning of the file. */
  readonly offset: number;
  /** Null for a type whose size is not known here. */
  readonly bytes: number | null;
};

export type GgufHeader = {
  readonly keys: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
  readonly fileBytes: number;
};

/** Values in a block and bytes of a block, by ggml's number of the type. */
const blockSizes: ReadonlyMap<number, readonly [values: number, bytes: number]> = new Map([
  [0, [1, 4]],
  [1, [1, 2]],
  [2, [32, 18]],
  [3, [32, 20]],
  [6, [32, 22]],
  [7, [32, 24]],
  [8, [32, 34]],
  [10, [256, 84]],
  [11, [256, 110]],
  [12, [256, 144]],
  [13, [256, 176]],
  [14, [256, 210]],
  [30, [1, 2]],
]);

/** Bytes of the scalar types of keys; 8 is text, 9 an array. */
const scalarBytes: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 4],
  [5, 4],
  [6, 4],
  [7, 1],
  [10, 8],
  [11, 8],
  [12, 8],
]);
const typeText = 8;
const typeArray = 9;

const longestText = 16 * 1024 * 1024;
const mostKeys = 100_000;
const mostTensors = 100_000;
const mostItems = 4_000_000;
const chunkBytes = 1024 * 1024;

/** Reads a header. `arrays` names the keys whose arrays are kept. Throws `model-corrupt` for anything out of shape. */
export function readGgufHeader(
  file: string,
  options: { readonly arrays?: readonly string[] } = {},
): GgufHeader {
  const handle = openSync(file, 'r');
  try {
    return readFrom(createCursor(handle, file), new Set(options.arrays ?? []));
  } finally {
    closeSync(handle);
  }
}

/** A key's text, or undefined where it is missing or no text. */
export function findText(header: GgufHeader, key: string): string | undefined {
  const value = header.keys.get(key);
  return typeof value === 'string' ? value : undefined;
}

/** A key's number, or undefined where it is missing or no number. */
export function findNumber(header: GgufHeader, key: string): number | undefined {
  const value = header.keys.get(key);
  return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined;
}

function readFrom(cursor: Cursor, wanted: ReadonlySet<string>): GgufHeader {
  if (cursor.bytes(4).toString('latin1') !== 'GGUF') throw cursor.corrupt('it is not a GGUF file');
  const version = cursor.uint32();
  if (version !== 2 && version !== 3) throw cursor.corrupt(`it is of version ${version}`);
  const tensorCount = cursor.count();
  const keyCount = cursor.count();
  if (keyCount > mostKeys || tensorCount > mostTensors) throw cursor.corrupt('it names too many parts');
  const keys = new Map<string, GgufValue>();
  for (let index = 0; index < keyCount; index += 1) {
    const key = cursor.text();
    if (keys.has(key)) throw cursor.corrupt(`the key ${shown(key)} stands there twice`);
    keys.set(key, readValue(cursor, wanted.has(key)));
  }
  const alignment = alignmentOf(keys, cursor);
  const names = new Set<string>();
  const relative: GgufTensor[] = [];
  for (let index = 0; index < tensorCount; index += 1) {
    const tensor = readTensor(cursor);
    if (names.has(tensor.name)) throw cursor.corrupt(`the tensor ${shown(tensor.name)} stands there twice`);
    names.add(tensor.name);
    relative.push(tensor);
  }
  const start = Math.ceil(cursor.position() / alignment) * alignment;
  const tensors = relative.map((tensor) => ({ ...tensor, offset: tensor.offset + start }));
  assertPlaces(tensors, alignment, start, cursor);
  return { keys, tensors, fileBytes: cursor.fileBytes };
}

function alignmentOf(keys: ReadonlyMap<string, GgufValue>, cursor: Cursor): number {
  const value = keys.get('general.alignment') ?? 32;
  if (typeof value !== 'number' || value < 1 || value > 65_536 || (value & (value - 1)) !== 0) {
    throw cursor.corrupt('its alignment is no power of two');
  }
  return value;
}

function readValue(cursor: Cursor, keep: boolean): GgufValue {
  const type = cursor.uint32();
  if (type === typeText) return cursor.text();
  if (type !== typeArray) return readScalar(cursor, type);
  const itemType = cursor.uint32();
  const count = cursor.count();
  if (itemType === typeArray) throw cursor.corrupt('it holds an array of arrays');
  const size = scalarBytes.get(itemType);
  if (size === undefined && itemType !== typeText)
    throw cursor.corrupt(`it holds a value of type ${itemType}`);
  if (!keep) {
    if (size !== undefined) cursor.skip(count * size);
    else for (let index = 0; index < count; index += 1) cursor.skip(cursor.count());
    return { itemType, count, items: null };
  }
  if (count > mostItems) throw cursor.corrupt('it holds an array that is too long');
  const items: GgufItem[] = [];
  for (let index = 0; index < count; index += 1) {
    items.push(itemType === typeText ? cursor.text() : readScalar(cursor, itemType));
  }
  return { itemType, count, items };
}

function readScalar(cursor: Cursor, type: number): GgufItem {
  const size = scalarBytes.get(type);
  if (size === undefined) throw cursor.corrupt(`it holds a value of type ${type}`);
  const bytes = cursor.bytes(size);
  switch (type) {
    case 0:
      return bytes.readUInt8();
    case 1:
      return bytes.readInt8();
    case 2:
      return bytes.readUInt16LE();
    case 3:
      return bytes.readInt16LE();
    case 4:
      return bytes.readUInt32LE();
    case 5:
      return bytes.readInt32LE();
    case 6:
      return bytes.readFloatLE();
    case 7:
      return bytes.readUInt8() !== 0;
    case 10:
      return bytes.readBigUInt64LE();
    case 11:
      return bytes.readBigInt64LE();
    default:
      return bytes.readDoubleLE();
  }
}

/** The offset is still relative to the beginning of the data. */
function readTensor(cursor: Cursor): GgufTensor {
  const name = cursor.text();
  const dimensions = cursor.uint32();
  if (dimensions < 1 || dimensions > 4) {
    throw cursor.corrupt(`the tensor ${shown(name)} has ${dimensions} dimensions`);
  }
  const shape: number[] = [];
  let values = 1;
  for (let index = 0; index < dimensions; index += 1) {
    const length = cursor.count();
    values *= length;
    if (length < 1 || values > Number.MAX_SAFE_INTEGER / 8) {
      throw cursor.corrupt(`the tensor ${shown(name)} has an impossible shape`);
    }
    shape.push(length);
  }
  const type = cursor.uint32();
  const offset = cursor.count();
  const block = blockSizes.get(type);
  if (block === undefined) return { name, shape, type, offset, bytes: null };
  if ((shape[0] ?? 0) % block[0] !== 0) {
    throw cursor.corrupt(`the tensor ${shown(name)} has a width that its type cannot have`);
  }
  return { name, shape, type, offset, bytes: (values / block[0]) * block[1] };
}

/** Each tensor lies behind the header, inside the file, aligned, and shares no byte with another. */
function assertPlaces(
  tensors: readonly GgufTensor[],
  alignment: number,
  start: number,
  cursor: Cursor,
): void {
  const sorted = [...tensors].sort((left, right) => left.offset - right.offset);
  let free = start;
  for (const tensor of sorted) {
    const end = tensor.offset + (tensor.bytes ?? 0);
    if (tensor.offset % alignment !== 0 || end > cursor.fileBytes) {
      throw cursor.corrupt(`it is cut off: the tensor ${shown(tensor.name)} lies beyond its end`);
    }
    if (tensor.offset < free) throw cursor.corrupt(`the tensor ${shown(tensor.name)} overlaps another`);
    free = end;
  }
}

type Cursor = ReturnType<typeof createCursor>;

/** Reads a file from front to back, a chunk at a time. */
function createCursor(handle: number, file: string) {
  const fileBytes = fstatSync(handle).size;
  let chunk: Buffer = Buffer.alloc(0);
  let chunkStart = 0;
  let position = 0;

  const corrupt = (what: string): AppError =>
    new AppError('model-corrupt', `${file} cannot be read: ${what}.`, {
      hint: 'Get the file again; it may be cut off or of another kind.',
    });

  const bytes = (length: number): Buffer => {
    if (length > fileBytes - position) throw corrupt('it is cut off');
    if (position < chunkStart || position + length > chunkStart + chunk.length) {
      const wanted = Math.min(Math.max(length, chunkBytes), fileBytes - position);
      const next = Buffer.alloc(wanted);
      let filled = 0;
      while (filled < wanted) {
        const got = readSync(handle, next, filled, wanted - filled, position + filled);
        if (got === 0) throw corrupt('it is cut off');
        filled += got;
      }
      chunk = next;
      chunkStart = position;
    }
    const start = position - chunkStart;
    position += length;
    return chunk.subarray(start, start + length);
  };

  const count = (): number => {
    const value = bytes(8).readBigUInt64LE();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw corrupt('it names an impossible number');
    return Number(value);
  };

  return {
    fileBytes,
    corrupt,
    bytes,
    count,
    position: (): number => position,
    uint32: (): number => bytes(4).readUInt32LE(),
    skip: (length: number): void => {
      if (length > fileBytes - position) throw corrupt('it is cut off');
      position += length;
    },
    text: (): string => {
      const length = count();
      if (length > longestText) throw corrupt('it holds a text that is too long');
      return bytes(length).toString('utf8');
    },
  };
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 80));
}
