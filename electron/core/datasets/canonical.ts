/**
 * The identity of a dataset: SHA-256 of its canonical JSON Lines.
 *
 * One sample a line, keys sorted, text in NFC, the schema number first. Never recomputed by a migration.
 */
import { createHash } from 'node:crypto';
import { sample, type Sample } from '../../contract/entities/training.ts';
import { takeAll, type Steps } from '../util/slices.ts';

const schemaNumber = 1;

/** Samples as canonical JSON Lines. */
export function toCanonicalLines(samples: readonly Sample[]): string {
  return takeAll(canonicalText(samples));
}

/** The same in steps. */
export function* canonicalText(samples: readonly Sample[]): Steps<string> {
  const blocks: string[] = [];
  for (const block of blocksOf(samples)) {
    blocks.push(block);
    yield;
  }
  return blocks.join('');
}

/** SHA-256 of the canonical JSON Lines of samples, in steps: of very many they are never one text. */
export function* hashSamples(samples: readonly Sample[]): Steps<string> {
  const hash = createHash('sha256');
  for (const block of blocksOf(samples)) {
    hash.update(block, 'utf8');
    yield;
  }
  return hash.digest('hex');
}

const samplesInBlock = 200;

function* blocksOf(samples: readonly Sample[]): Generator<string> {
  yield `${JSON.stringify({ schema: schemaNumber })}\n`;
  for (let from = 0; from < samples.length; from += samplesInBlock) {
    const lines = samples.slice(from, from + samplesInBlock).map((each) => {
      return `${JSON.stringify(sortKeys(each)).normalize('NFC')}\n`;
    });
    yield lines.join('');
  }
}

/** The samples of canonical lines. Throws when they were written by another schema. */
export function fromCanonicalLines(text: string): Sample[] {
  const [head, ...lines] = text.trimEnd().split('\n');
  const schema: unknown = (JSON.parse(head ?? 'null') as { schema?: unknown } | null)?.schema;
  if (schema !== schemaNumber) throw new Error(`unknown dataset schema ${String(schema)}`);
  return lines.map((line) => sample.parse(JSON.parse(line)));
}

/** Lower-case hexadecimal SHA-256. */
export function hashText256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(
    entries.sort(([left], [right]) => (left < right ? -1 : 1)).map(([key, each]) => [key, sortKeys(each)]),
  );
}
