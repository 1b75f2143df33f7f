/**
 * The loop of one press: dataset, worker, candidate, quick evaluation, gate.
 *
 * Approved becomes active; rejected stays with its reasons and chat goes on with what it had. With nothing changed
 * since the last judged adapter nothing is trained.
 */
import { existsSync } from 'node:fs';
import type { Verdict } from '../../contract/entities/evaluation.ts';
import type { Progress } from '../../contract/entities/job.ts';
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import type { RecipeName, TrainingRun, TrainReport } from '../../contract/entities/training.ts';
import { AppError } from '../../contract/errors.ts';
import type { DatasetContent, DatasetService } from '../datasets/dataset-service.ts';
import type { TrainerEvent } from '../dependencies.ts';
import type { TrainingService } from '../training/training-service.ts';

/** Share of right answers to a fact's test questions. */
export type FactVerdict = { readonly factId: string; readonly right: number; readonly asked: number };

export type Judgement = { readonly verdict: Verdict; readonly facts: readonly FactVerdict[] };

/** What the loop needs from the features around it. */
export type TrainServiceInput = {
  readonly datasets: DatasetService;
  readonly training: TrainingService;
  /** The base to train on; its file is checked to be the one that was registered. */
  readonly resolveBase: (idOrFile: string | undefined) => Promise<BaseModel>;
  /** Throws where the shipped question files are missing or changed: found before hours of training, not after. */
  readonly assertJudgeable: () => void;
  readonly listAdapters: () => readonly Adapter[];
  readonly judge: (
    adapter: Adapter,
    base: BaseModel,
    options: { signal: AbortSignal; report: (progress: Progress) => void; quick: boolean },
  ) => Promise<Judgement>;
  /** Keeps verdict and ledger in one transaction and makes an approved adapter the active one. */
  readonly conclude: (adapter: Adapter, judgement: Judgement) => void;
};

export type TrainRequest = {
  readonly base?: string | undefined;
  readonly recipe: RecipeName;
  readonly seed: number;
  /** Refuse to begin a new run: only go on with a stopped one. */
  readonly resume: boolean;
};

export type TrainOptions = {
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
  readonly onEvent?: (event: TrainerEvent) => void;
};

export type TrainService = ReturnType<typeof createTrainService>;

/** The use case behind `keepsake train`. */
export function createTrainService(input: TrainServiceInput) {
  const { datasets, training } = input;

  /** The newest adapter that came from this very dataset, where its file is still there. */
  function findTrained(content: DatasetContent): { adapter: Adapter; run: TrainingRun } | undefined {
    for (const adapter of input.listAdapters()) {
      const run = training.find(adapter.runId);
      if (run?.datasetId === content.dataset.id && existsSync(adapter.file)) return { adapter, run };
    }
    return undefined;
  }

  return {
    train: async (request: TrainRequest, options: TrainOptions): Promise<TrainReport> => {
      input.assertJudgeable();
      const base = await input.resolveBase(request.base);
      const content = datasets.build({ recipe: request.recipe, baseModelId: base.id, seed: request.seed });
      const trained = findTrained(content);
      if (trained !== undefined && trained.adapter.verdict !== null) {
        return toReport(trained.run, trained.adapter, trained.adapter.verdict, {
          changed: false,
          resumed: false,
          tokensByKind: null,
        });
      }
      if (request.resume && trained === undefined && training.findResumable(content) === undefined) {
        throw new AppError('not-found', 'There is no stopped training to go on with.', {
          hint: 'Start one with: keepsake train',
        });
      }
      // Trained but not judged (stopped in between): only the judging is left.
      const result =
        trained === undefined
          ? await training.run(content, base, options)
          : { ...trained, resumed: true, tokensByKind: null };
      const judgement = await input.judge(result.adapter, base, {
        signal: options.signal,
        report: options.report,
        quick: request.recipe === 'quick',
      });
      input.conclude(result.adapter, judgement);
      const { run, adapter, resumed, tokensByKind } = result;
      return toReport(run, adapter, judgement.verdict, { changed: true, resumed, tokensByKind });
    },
  };
}

function toReport(
  run: TrainingRun,
  adapter: Adapter,
  verdict: Verdict,
  flags: Pick<TrainReport, 'changed' | 'resumed' | 'tokensByKind'>,
): TrainReport {
  return {
    runId: run.id,
    adapterId: adapter.id,
    verdict: { approved: verdict.approved, reasons: verdict.reasons },
    seconds: run.seconds,
    tokens: run.tokens,
    loss: run.loss,
    ...flags,
  };
}
