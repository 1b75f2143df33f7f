/**
 * One GGUF with the adapter in its weights, for programs that know of no adapters.
 *
 * F16 and Q8_0 keep what the adapter says. Fewer bits lose a part of a small change, so such a file is asked the recall
 * questions before it gets its name, and what it lost is told.
 */
import { statSync } from 'node:fs';
import type { Progress } from '../../contract/entities/job.ts';
import type { MergedRecall, MergeResult, MergeType } from '../../contract/entities/interchange.ts';
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import { AppError } from '../../contract/errors.ts';
import { assertAdapterFile } from '../adapters/adapter-service.ts';
import type { Clock, Trainer } from '../dependencies.ts';
import { putFile } from '../util/atomic-write.ts';
import { faultPoint } from '../util/fault-point.ts';
import type { ExportLog } from './export-log.ts';
import { readGgufAdapter } from './gguf-adapter.ts';
import { assertOutputPlace, withOutputErrors } from './output-place.ts';
import { objectiveOf, personalWarning, provenanceOf, routingWarning } from './provenance.ts';

export type MergeServiceInput = {
  readonly log: ExportLog;
  readonly clock: Clock;
  readonly dataFolder: string;
  readonly trainer: Pick<Trainer, 'merge' | 'inspect'>;
  /** Undefined: the active one, else the newest. */
  readonly findAdapter: (idOrPrefix: string | undefined) => Adapter | undefined;
  /** Its base, checked to be there and unchanged. */
  readonly resolveBase: (adapter: Adapter) => Promise<BaseModel>;
  readonly listBases: () => readonly BaseModel[];
  /** Null when there is nothing to ask. */
  readonly compareRecall: (
    adapter: Adapter,
    base: BaseModel,
    mergedFile: string,
    options: MergeOptions,
  ) => Promise<MergedRecall | null>;
};

export type MergeFileRequest = {
  readonly adapter?: string | undefined;
  readonly type: MergeType;
  /** Absolute. */
  readonly output: string;
  readonly force: boolean;
};

export type MergeOptions = {
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
};

export type MergeService = ReturnType<typeof createMergeService>;

/** Types that are as good as the adapter itself: they are offered without a test. */
const faithfulTypes: readonly MergeType[] = ['f16', 'bf16', 'f32', 'q8_0'];

/** The use case behind `merge`. */
export function createMergeService(input: MergeServiceInput) {
  return {
    merge: async (request: MergeFileRequest, options: MergeOptions): Promise<MergeResult> => {
      const adapter = input.findAdapter(request.adapter);
      if (adapter === undefined) {
        throw new AppError('not-found', 'There is no adapter to merge yet.', {
          hint: 'Train one with: keepsake train --recipe standalone',
        });
      }
      assertAdapterFile(adapter);
      const { output, force, type } = request;
      const protectedFiles = [...input.listBases().map((base) => base.file), adapter.file];
      assertOutputPlace(output, { shape: 'file', force, dataFolder: input.dataFolder, protectedFiles });
      const base = await input.resolveBase(adapter);
      const { texts } = readGgufAdapter(adapter.file);
      const provenance = provenanceOf({ adapter, base, texts, createdAt: input.clock.now() });
      const notes = objectiveOf(adapter, texts) === 'routed' ? [routingWarning] : [];
      return withOutputErrors(output, () =>
        input.log.record(adapter, { format: `merged ${type}`, path: output }, async ({ id, partial }) => {
          faultPoint('merge.begin');
          const { bytes, seconds } = await input.trainer.merge(
            { base: base.file, adapter: adapter.file, output: partial, type, metadata: provenance },
            {
              signal: options.signal,
              onPhase: (name) => options.report(phase(name)),
              onWarning: (text) => notes.push(text),
            },
          );
          faultPoint('merge.written');
          const recall = faithfulTypes.includes(type)
            ? null
            : await testRecall(adapter, base, partial, type, options);
          if (recall !== null) notes.push(describeRecall(recall, type));
          options.signal.throwIfAborted();
          faultPoint('merge.tested');
          putFile(partial, output, { overwrite: force });
          faultPoint('merge.renamed');
          return {
            exportId: id,
            adapterId: adapter.id,
            type,
            path: output,
            bytes: bytes > 0 ? bytes : statSync(output).size,
            seconds,
            warning: personalWarning,
            notes,
            provenance,
            recall,
          };
        }),
      );
    },
  };

  /** The training program opens the new file first: a bad one can end nothing but that program. */
  async function testRecall(
    adapter: Adapter,
    base: BaseModel,
    mergedFile: string,
    type: MergeType,
    options: MergeOptions,
  ): Promise<MergedRecall> {
    const inspection = await input.trainer.inspect(mergedFile, { signal: options.signal });
    if (!inspection.supported) {
      throw new AppError('worker-failed', `The merged model cannot be used: ${inspection.reason ?? ''}`);
    }
    const recall = await input.compareRecall(adapter, base, mergedFile, options);
    if (recall !== null) return recall;
    throw new AppError(
      'invalid-input',
      `A merged model of type ${type} is offered only after its recall was tested, and there is no fact to ask for.`,
      { hint: 'Use --type q8_0 or --type f16, which need no test.' },
    );
  }
}

/** What a person should know of a file of fewer than eight bits. */
export function describeRecall(recall: MergedRecall, type: MergeType): string {
  const share = (rate: MergedRecall['adapter']): string => `${rate.right} of ${rate.n}`;
  const figures = `Recall test of this ${type} file: ${share(recall.merged)} right, base + adapter ${share(recall.adapter)}; the same words ${share(recall.same)}.`;
  return recall.isLarge
    ? `${figures} It lost ${recall.lossPoints.toFixed(1)} points: do not rely on it for your facts. --type q8_0 keeps them.`
    : figures;
}

function phase(name: string): Progress {
  const titles: Readonly<Record<string, string>> = { read: 'Reading', merge: 'Merging', write: 'Writing' };
  return { done: 0, total: null, unit: 'phases', title: titles[name] ?? name };
}
