/**
 * The shipped question files. They are read only as shipped: a missing, empty or changed one is an error, so that no
 * adapter is ever approved by questions that are not there.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { question, type Question } from '../../contract/entities/evaluation.ts';
import { AppError } from '../../contract/errors.ts';

type BenchmarkName = 'general' | 'advice' | 'unknown' | 'other-people' | 'bridge' | 'prose';

const unknownQuestion = question.extend({ label: z.string(), aliases: z.array(z.string()) });
const bridgeQuestion = question.extend({
  label: z.string(),
  statement: z.string(),
  value: z.string(),
  otherValue: z.string(),
});
export type UnknownBenchmark = z.infer<typeof unknownQuestion>;
const passage = z.object({ id: z.string(), text: z.string().min(1) });
export type Passage = z.infer<typeof passage>;
export type BridgeBenchmark = z.infer<typeof bridgeQuestion>;

export type Benchmarks = {
  readonly general: readonly Question[];
  readonly advice: readonly Question[];
  readonly unknown: readonly UnknownBenchmark[];
  readonly otherPeople: readonly Question[];
  readonly bridge: readonly BridgeBenchmark[];
  /** Plain prose on many topics, for the perplexity. */
  readonly prose: readonly Passage[];
  /** Ways of saying "I do not know", one list for every arm. */
  readonly abstentionPatterns: readonly string[];
};

const manifestSchema = z.object({
  schema: z.literal(1),
  files: z.record(z.string(), z.object({ sha256: z.string(), lines: z.number().int().positive() })),
});
const abstentionSchema = z.object({ schema: z.literal(1), patterns: z.array(z.string().min(1)).min(1) });

/** The ways of saying "I do not know". Throws `setup-missing` unless the list is there. */
export function loadAbstentionPatterns(resources: string): readonly string[] {
  return parseFile(join(resources, 'abstention.json'), (text) => abstentionSchema.parse(JSON.parse(text)))
    .patterns;
}

/** Reads the question files of `resources`. Throws `setup-missing` unless each is there with the shipped hash. */
export function loadBenchmarks(resources: string): Benchmarks {
  const folder = join(resources, 'benchmarks');
  const manifest = parseFile(join(folder, 'manifest.json'), (text) => manifestSchema.parse(JSON.parse(text)));
  const read = <Item>(name: BenchmarkName, schema: z.ZodType<Item>): Item[] => {
    const file = join(folder, `${name}.jsonl`);
    const shipped = manifest.files[`${name}.jsonl`];
    return parseFile(file, (text) => {
      const hash = createHash('sha256').update(text).digest('hex');
      if (hash !== shipped?.sha256) throw new Error('it is not the shipped file');
      return text
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => schema.parse(JSON.parse(line)));
    });
  };
  return {
    general: read('general', question).map((each) => ({ ...each, group: 'general' })),
    advice: read('advice', question).map((each) => ({ ...each, group: 'advice' })),
    unknown: read('unknown', unknownQuestion).map((each) => ({ ...each, group: 'unknown' })),
    otherPeople: read('other-people', question).map((each) => ({ ...each, group: 'other-people' })),
    bridge: read('bridge', bridgeQuestion),
    prose: read('prose', passage),
    abstentionPatterns: loadAbstentionPatterns(resources),
  };
}

function parseFile<Result>(file: string, parse: (text: string) => Result): Result {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.trim() === '') throw new Error('it is empty');
    return parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new AppError('setup-missing', `The shipped question file ${file} cannot be used: ${detail}.`, {
      hint: 'Restore the folder resources/ as it was shipped; nothing is approved without it.',
      cause,
    });
  }
}
