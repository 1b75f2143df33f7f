/**
 * The loop of one press: dataset, worker, candidate, quick evaluation, gate.
 *
 * Approved becomes active; rejected stays with its reasons and chat goes on with what it had. With nothing changed
 * since the last judged adapter nothing is trained.
 */
import type { Verdict } from '../../contract/entities/evaluation.ts';
import type { Progress } from '../../contract/entities/job.ts';
import type { Adapter, BaseModel } from '../../contract/entities/model.ts';
import type { RecipeName, TrainingRun, TrainReport } from '../../contract/entities/training.ts';
import { AppError } from '../../contract/errors.ts';
import type { DatasetService } from '../datasets/dataset-service.ts';
import type { TrainerEvent } from '../dependencies.ts';
import type { RunStart, TrainingResult, TrainingService } from '../training/training-service.ts';
import { faultPoint } from '../util/fault-point.ts';
import type { Judgement } from './judgement.ts';
import type { Planned, Planner } from './planner.ts';
import { isNotWorse, mostRounds } from './repair.ts';
import { roughTokens } from './rough-tokens.ts';

type JudgeOptions = {
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
  readonly quick: boolean;
};

/** What the loop needs from the features around it. */
export type TrainServiceInput = {
  readonly datasets: DatasetService;
  readonly training: TrainingService;
  readonly planner: Planner;
  /** The base to train on; its file is checked to be the one that was registered. */
  readonly resolveBase: (idOrFile: string | undefined) => Promise<BaseModel>;
  /** Throws where the shipped question files are missing or changed: found before hours of training, not after. */
  readonly assertJudgeable: () => void;
  /** Throws where memory or disk do not suffice; says whether the chat model must be let go. */
  readonly assertFits: (
    base: BaseModel,
    recipe: RecipeName,
    /** Estimated, of all passes. */
    tokens: number,
  ) => { readonly exclusive: boolean };
  readonly getAdapter: (id: string) => Adapter;
  readonly judge: (adapter: Adapter, base: BaseModel, options: JudgeOptions) => Promise<Judgement>;
  /** Facts whose probe questions (never those of the examination) are answered wrong. */
  readonly probe: (adapter: Adapter, base: BaseModel, options: JudgeOptions) => Promise<readonly string[]>;
  /** Keeps verdict and ledger in one transaction and makes an approved adapter the active one. */
  readonly conclude: (adapter: Adapter, judgement: Judgement) => void;
  /** Destroys an adapter that came of a repair and is not used. */
  readonly discard: (adapter: Adapter) => Promise<void>;
};

export type TrainRequest = {
  readonly base?: string | undefined;
  readonly recipe: RecipeName;
  readonly seed: number;
  /** Refuse to begin a new run: only go on with a stopped one. */
  readonly resume: boolean;
  /** From the base, whatever has changed. */
  readonly rebuild: boolean;
  /** Short rounds for facts that were not learnt. */
  readonly repair: boolean;
};

export type TrainOptions = {
  readonly device?: string | undefined;
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
  readonly onEvent?: (event: TrainerEvent) => void;
};

export type TrainService = ReturnType<typeof createTrainService>;

/** The use case behind `keepsake train`. */
export function createTrainService(input: TrainServiceInput) {
  const { datasets, training } = input;

  /** Trains as planned, or goes on with the run that was stopped. */
  async function trainAs(
    planned: Planned,
    request: TrainRequest,
    base: BaseModel,
    options: TrainOptions,
  ): Promise<TrainingResult> {
    const { decision, warm, parent, fingerprints } = planned;
    const tokens = roughTokens(decision, datasets.liveFacts().length, request.recipe);
    const { exclusive } = input.assertFits(base, request.recipe, tokens);
    const { recipe, seed } = request;
    faultPoint('dataset.build');
    const content = await datasets.buildInSlices(
      { recipe, baseModelId: base.id, seed, warm },
      options.signal,
    );
    faultPoint('dataset.built');
    const mode = decision.mode === 'warm' ? 'warm' : 'rebuild';
    const start: RunStart = { mode, parent, taught: fingerprints, exclusive };
    if (request.resume && training.findResumable(content, base, start) === undefined) throw nothingStopped();
    return training.run(content, base, start, options);
  }

  /** One short round for the facts that the adapter does not know by its probe questions; null where it knows all. */
  async function repairOnce(
    before: { readonly adapter: Adapter; readonly judgement: Judgement },
    request: TrainRequest,
    base: BaseModel,
    taught: Planned['fingerprints'],
    options: TrainOptions,
  ) {
    const judging = { signal: options.signal, report: options.report, quick: false };
    const failing = await input.probe(before.adapter, base, judging);
    if (failing.length === 0) return null;
    const { recipe, seed } = request;
    const warm = { taught: failing, weak: [] };
    const content = await datasets.buildInSlices(
      { recipe, baseModelId: base.id, seed, warm },
      options.signal,
    );
    const start: RunStart = { mode: 'repair', parent: before.adapter, taught };
    const { adapter, run } = await training.run(content, base, start, options);
    try {
      const judgement = await input.judge(adapter, base, judging);
      const kept = isNotWorse(judgement, before.judgement);
      if (kept) input.conclude(adapter, judgement);
      else await input.discard(adapter);
      return { adapter, judgement, run, kept, facts: failing.length };
    } catch (error) {
      await input.discard(adapter);
      throw error;
    }
  }

  return {
    train: async (request: TrainRequest, options: TrainOptions): Promise<TrainReport> => {
      input.assertJudgeable();
      const base = await input.resolveBase(request.base);
      datasets.assertFacts();
      await input.planner.prepare();
      const planned = input.planner.plan(request, base);
      const { decision } = planned;
      const known = decision.mode === 'nothing' ? input.getAdapter(decision.adapterId) : undefined;
      const knownRun = known === undefined ? undefined : training.find(known.runId);
      if (known !== undefined && knownRun !== undefined && known.verdict !== null) {
        return toReport(knownRun, known, known.verdict, {
          changed: false,
          resumed: false,
          tokensByKind: null,
          mode: 'nothing',
          repairs: [],
        });
      }
      // Trained but not judged (stopped in between): only the judging is left.
      const result =
        known !== undefined && knownRun !== undefined
          ? { run: knownRun, adapter: known, resumed: true, tokensByKind: null }
          : await trainAs(planned, request, base, options);
      faultPoint('training.judge');
      const judgement = await input.judge(result.adapter, base, {
        signal: options.signal,
        report: options.report,
        quick: request.recipe === 'quick',
      });
      faultPoint('training.conclude');
      input.conclude(result.adapter, judgement);
      let last = { adapter: result.adapter, judgement };
      const repairs: TrainReport['repairs'] = [];
      const rounds = request.repair && request.recipe !== 'quick' ? mostRounds : 0;
      for (let round = 0; round < rounds; round += 1) {
        const repaired = await repairOnce(last, request, base, planned.fingerprints, options);
        if (repaired === null) break;
        repairs.push({ facts: repaired.facts, kept: repaired.kept, seconds: repaired.run.seconds });
        if (!repaired.kept) break;
        last = repaired;
      }
      const { run, resumed, tokensByKind } = result;
      const mode = decision.mode === 'warm' ? 'warm' : 'rebuild';
      return toReport(run, last.adapter, last.judgement.verdict, {
        changed: true,
        resumed,
        tokensByKind,
        mode,
        repairs,
      });
    },
  };
}

function nothingStopped(): AppError {
  return new AppError('not-found', 'There is no stopped training to go on with.', {
    hint: 'Start one with: keepsake train',
  });
}

function toReport(
  run: TrainingRun,
  adapter: Adapter,
  verdict: Verdict,
  flags: Pick<TrainReport, 'changed' | 'resumed' | 'tokensByKind' | 'mode' | 'repairs'>,
): TrainReport {
  return {
    runId: run.id,
    adapterId: adapter.id,
    parentAdapterId: run.parentAdapterId,
    verdict: { approved: verdict.approved, reasons: verdict.reasons },
    seconds: run.seconds,
    tokens: run.tokens,
    loss: run.loss,
    ...flags,
  };
}
