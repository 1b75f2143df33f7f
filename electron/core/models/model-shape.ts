/** What a GGUF's header tells about a model: its shape, and the licence that its makers wrote into it. */
import { statSync } from 'node:fs';
import { modelShape, type ModelShape } from '../../contract/entities/model.ts';
import { findNumber, findText, readGgufHeader, type GgufHeader } from './gguf-header.ts';

export type ModelFacts = { readonly shape: ModelShape | null; readonly licence: string | null };

/** By path, size and time of the last write: a vocabulary takes tens of milliseconds to read past. */
const known = new Map<string, ModelFacts>();
const mostKnown = 50;

/** Reads the header of a file, once while the file stays as it is. Nothing is thrown: what cannot be read is null. */
export function readModelFacts(file: string): ModelFacts {
  try {
    const { size, mtimeMs, ino } = statSync(file);
    const key = [file, size, mtimeMs, ino].join('\n');
    const before = known.get(key);
    if (before !== undefined) return before;
    const header = readGgufHeader(file);
    const facts = { shape: shapeOf(header), licence: findText(header, 'general.license') ?? null };
    if (known.size >= mostKnown) known.clear();
    known.set(key, facts);
    return facts;
  } catch {
    return { shape: null, licence: null };
  }
}

/** The shape, or null where a key is missing or out of bounds. */
export function shapeOf(header: GgufHeader): ModelShape | null {
  const architecture = findText(header, 'general.architecture') ?? '';
  const number = (key: string): number | undefined => findNumber(header, `${architecture}.${key}`);
  const headCount = number('attention.head_count');
  const embeddingLength = number('embedding_length');
  const embedding = header.tensors.find(({ name }) => name === 'token_embd.weight');
  const shape = modelShape.safeParse({
    layerCount: number('block_count'),
    embeddingLength,
    feedForwardLength: number('feed_forward_length'),
    headCount,
    headCountKv: number('attention.head_count_kv') ?? headCount,
    headLength: number('attention.key_length') ?? (embeddingLength ?? NaN) / (headCount ?? NaN),
    vocabularySize: embedding?.shape[1],
    contextLength: number('context_length'),
    isHeadTied: !header.tensors.some(({ name }) => name === 'output.weight'),
  });
  return shape.data ?? null;
}
