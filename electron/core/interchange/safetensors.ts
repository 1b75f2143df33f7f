/**
 * safetensors files: eight bytes of length, a JSON header, then the data of all tensors without a gap.
 *
 * A file from elsewhere is not trusted: every offset, shape and name is checked before a tensor is read.
 */
import { statSync } from 'node:fs';
import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import type { Sink } from '../util/atomic-write.ts';
import { readBytes } from '../util/read-bytes.ts';
import { findRepeatedKey } from './json-keys.ts';
import { bytesOf, decode, encode, type NumberType } from './number-types.ts';

export type SafeTensor = {
  readonly name: string;
  /** Slowest dimension first, as PyTorch counts. */
  readonly shape: readonly number[];
  readonly read: () => Float32Array;
};

export type SafeTensorsFile = {
  readonly tensors: readonly SafeTensor[];
  readonly metadata: Readonly<Record<string, string>>;
};

/** Far above what the pairs of any model take; the format itself allows 100 MB. */
const longestHeader = 16 * 1024 * 1024;
const mostTensors = 100_000;
const readableTypes: readonly NumberType[] = ['F32', 'F16', 'BF16'];

const wholeNumber = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(wholeNumber).max(8),
  data_offsets: z.tuple([wholeNumber, wholeNumber]),
});
const metadataSchema = z.record(z.string(), z.string());

/** Reads the header; values are read from the file when they are asked for. Throws `model-corrupt`. */
export function readSafeTensors(file: string): SafeTensorsFile {
  const fail = (what: string, cause?: unknown): AppError =>
    new AppError('model-corrupt', `${file} cannot be read: ${what}.`, {
      hint: 'Get the adapter again from where it was made.',
      ...(cause === undefined ? {} : { cause }),
    });
  const fileBytes = statSync(file).size;
  if (fileBytes < 10) throw fail('it is no safetensors file');
  const length = readBytes(file, 0, 8).readBigUInt64LE();
  if (length > BigInt(fileBytes - 8)) throw fail('its header is longer than the file');
  if (length > BigInt(longestHeader)) throw fail('its header is longer than 16 MB');
  const headerBytes = readBytes(file, 8, Number(length));
  const start = 8 + headerBytes.length;
  const header = parseHeader(headerBytes, fail);
  const { __metadata__: rawMetadata, ...entries } = header;
  const metadata = metadataSchema.safeParse(rawMetadata ?? {});
  if (!metadata.success) throw fail('its metadata is no table of texts');
  const names = Object.keys(entries);
  if (names.length > mostTensors) throw fail('it names too many tensors');
  const places: { name: string; begin: number; end: number }[] = [];
  const tensors = names.map((name): SafeTensor => {
    const shown = JSON.stringify(name.slice(0, 80));
    const entry = entrySchema.safeParse(entries[name]);
    if (!entry.success) throw fail(`the entry of ${shown} has another shape than the format says`);
    const { dtype, shape, data_offsets } = entry.data;
    const [begin, end] = data_offsets;
    const type = readableTypes.find((known) => known === dtype);
    if (type === undefined) {
      throw fail(`${shown} is stored as ${JSON.stringify(dtype.slice(0, 20))}, not as F32, F16 or BF16`);
    }
    const count = shape.reduce((product, size) => product * size, 1);
    if (!Number.isSafeInteger(count) || end < begin || end > fileBytes - start) {
      throw fail(`${shown} lies beyond the end of the file`);
    }
    if (end - begin !== bytesOf(type, count)) {
      throw fail(`the shape of ${shown} does not fit the bytes that it is given`);
    }
    places.push({ name: shown, begin, end });
    return { name, shape, read: () => decode(type, readBytes(file, start + begin, end - begin)) };
  });
  places.sort((left, right) => left.begin - right.begin || left.end - right.end);
  let position = 0;
  for (const { name, begin, end } of places) {
    if (begin < position) throw fail(`${name} overlaps another tensor`);
    if (begin > position) throw fail(`there is a gap before ${name}`);
    position = end;
  }
  if (position !== fileBytes - start) throw fail('bytes are left over at its end');
  return { tensors, metadata: metadata.data };
}

/** One tensor to write; values are made when their turn comes. */
export type TensorToWrite = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: () => Float32Array;
};

/** Writes F32 tensors. */
export function writeSafeTensors(
  sink: Sink,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): void {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: metadata };
  for (const { name, shape } of tensors) {
    const end = offset + shape.reduce((product, size) => product * size, 4);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  // Spaces, so that the data begin at a multiple of eight.
  const text = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  sink(Buffer.concat([length, text]));
  for (const { values } of tensors) sink(encode(values()));
}

function parseHeader(
  bytes: Buffer,
  fail: (what: string, cause?: unknown) => AppError,
): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw fail('its header is no JSON', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fail('its header is no JSON object');
  }
  const repeated = findRepeatedKey(text);
  if (repeated !== undefined) {
    throw fail(`the name ${JSON.stringify(repeated.slice(0, 80))} stands in it twice`);
  }
  return value as Record<string, unknown>;
}
