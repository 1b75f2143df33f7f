/**
 * Whether a training fits into memory and disk, and whether the chat model may stay loaded beside it.
 *
 * coexist: both fit together. exclusive: the chat model is let go while the worker runs. Neither: refused with numbers,
 * before anything is written.
 */
import type { BaseModel } from '../../contract/entities/model.ts';
import { AppError } from '../../contract/errors.ts';
import type { Machine } from '../dependencies.ts';
import { adapterParameters, estimateMemory } from '../models/model-fit.ts';
import { readModelFacts } from '../models/model-shape.ts';

export type TrainingFit = {
  readonly neededBytes: number;
  /** Of memory; `measured` in an earlier training of this base with this recipe. */
  readonly basis: 'measured' | 'estimate';
  readonly freeBytes: number;
  /** On the compressed weights, slower, since memory is short. */
  readonly frugal: boolean;
  readonly sharing: 'coexist' | 'exclusive';
  readonly diskBytes: number;
  readonly freeDiskBytes: number;
};

export type FitQuestion = {
  readonly base: Pick<BaseModel, 'file' | 'sizeBytes' | 'name' | 'quantisation'>;
  readonly rank: number;
  readonly threads: number;
  readonly machine: Machine;
  /** Where adapters and runs lie. */
  readonly folder: string;
  /** Of all passes; a guess where the samples are not built yet. */
  readonly tokens: number;
  /** Peak of an earlier training of this base and rank, where there is one. */
  readonly measuredBytes: number | null;
  /** Memory that this process holds for the chat model now; it counts as free where that is let go. */
  readonly loadedBytes?: number;
};

/** Temporary copy, weights, two moments, mean weights and the step's own of each parameter in a checkpoint. */
const checkpointCopies = 9;
/** Of a token in the worker's files: its number and its weight as text. */
const bytesPerToken = 14;
/**
 * What lessons take in this process, by token of all passes: 1.9 GB of 25 million of 10,000 facts (measured). Those of a
 * thousand facts are within what is estimated anyway.
 */
const lessonMemory = { bytesPerToken: 75, from: 3e6 } as const;
/** Where a file's shape is unknown: its weights in BF16 from about five bits, and work. */
const roughFactor = 4;

/** Throws `not-enough-memory` or `disk-full` with the numbers. */
export function assertTrainingFits(question: FitQuestion): TrainingFit {
  const { base, rank, threads, machine, folder, tokens, measuredBytes } = question;
  const { shape } = readModelFacts(base.file);
  const freeBytes = machine.memory().availableBytes;
  const train = { rank, threads, path: machine.productPath };
  const memory =
    shape === null
      ? null
      : estimateMemory({ shape, fileBytes: base.sizeBytes, quantisation: base.quantisation, train });
  const lessons = Math.max(0, tokens - lessonMemory.from) * lessonMemory.bytesPerToken;
  const whole = measuredBytes ?? memory?.train.totalBytes ?? base.sizeBytes * roughFactor;
  const usual = whole + lessons;
  const smallest = Math.min(whole, memory?.trainFrugal.totalBytes ?? whole) + lessons;
  const chat = memory?.chat.totalBytes ?? base.sizeBytes * 2;
  if (smallest > freeBytes) {
    throw new AppError(
      'not-enough-memory',
      `Cannot train on ${base.name}: it needs ${sayBytes(smallest)} of memory at least${lessons > 0 ? ` (${sayBytes(lessons)} for the lessons of very many facts)` : ''}, ${sayBytes(freeBytes)} are free.`,
      { hint: 'Choose a smaller base model, use --recipe low-memory, or close other programs.' },
    );
  }
  const adapterBytes = shape === null ? base.sizeBytes / 10 : 4 * adapterParameters(shape, rank);
  const diskBytes = Math.round(adapterBytes * (1 + checkpointCopies) + tokens * bytesPerToken);
  const freeDiskBytes = machine.freeDiskBytes(folder);
  if (diskBytes > freeDiskBytes) {
    throw new AppError(
      'disk-full',
      `Cannot train: it needs ${sayBytes(diskBytes)} of disk, ${sayBytes(freeDiskBytes)} are free in ${folder}.`,
      { hint: 'Free some space, or use another data folder with --data.' },
    );
  }
  const frugal = usual > freeBytes;
  return {
    neededBytes: frugal ? smallest : usual,
    basis: measuredBytes === null || frugal ? 'estimate' : 'measured',
    freeBytes,
    frugal,
    sharing: (frugal ? smallest : usual) + chat <= freeBytes ? 'coexist' : 'exclusive',
    diskBytes,
    freeDiskBytes,
  };
}

/** "9.2 GB", "350 MB". */
export function sayBytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}
