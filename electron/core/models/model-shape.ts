/** What a GGUF's header tells about a model: its shape, and the licence that its makers wrote into it. */
import { modelShape, type ModelShape } from '../../contract/entities/model.ts';
import { findNumber, findText, readGgufHeader, type GgufHeader } from './gguf-header.ts';

export type ModelFacts = { readonly shape: ModelShape | null; readonly licence: string | null };

/** Reads the header of a file. Nothing is thrown: what cannot be read is null. */
export function readModelFacts(file: string): ModelFacts {
  try {
    const header = readGgufHeader(file);
    return { shape: shapeOf(header), licence: findText(header, 'general.license') ?? null };
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
