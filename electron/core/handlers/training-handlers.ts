import type { Job } from '../../contract/entities/job.ts';
import { AppError } from '../../contract/errors.ts';
import { trainingRequest, type TrainingRequest } from '../../contract/methods.ts';
import { assertModelFree } from '../training/model-free.ts';
import { unlearnNeverTrained } from '../retrain/forget.ts';
import { assertFacts as assertAnyFacts } from './fact-handlers.ts';
import type { HandlerInput } from './implementer.ts';
import { requestOf, startDownload } from './start-download.ts';

/** Handlers of `datasets`, `generalAnswers`, `training`, `evaluations` and `jobs`. */
export function createTrainingHandlers({
  os,
  services,
  dependencies,
  nameErrors,
  forgetInput,
}: HandlerInput) {
  const { datasets, jobs, models, settings } = services;
  const assertFacts = (): void => {
    assertAnyFacts(services);
  };

  function startGeneralAnswers(request: Pick<TrainingRequest, 'base' | 'recipe' | 'seed'>): Job {
    return jobs.start({
      kind: 'general-answers',
      lane: 'compute',
      params: request,
      run: async (context) => {
        const base = await models.resolve(request.base, { signal: context.signal });
        return services.generalAnswers.complete(base, datasets.generalPrompts(request), context);
      },
    });
  }

  function startTraining(request: TrainingRequest): { jobId: string } {
    const job = jobs.start({
      kind: 'train',
      lane: 'compute',
      params: request,
      pausable: true,
      run: async ({ signal, report }) => {
        // What a killed process left of a change.
        await unlearnNeverTrained(forgetInput);
        return services.train.train(request, {
          signal,
          report,
          device: request.device ?? settings.get().device ?? undefined,
        });
      },
    });
    return { jobId: job.id };
  }

  /** Tells the process that holds the data folder. */
  function order(jobId: string, what: 'pause' | 'cancel'): Job {
    const job = jobs.get(jobId);
    dependencies.control.request(job.id, what);
    return job;
  }

  return {
    datasets: {
      build: os.datasets.build.handler(async ({ input: { recipe, seed, base }, signal }) => {
        assertFacts();
        const model = await models.resolve(base, { signal });
        return { dataset: (await datasets.buildInSlices({ recipe, seed, baseModelId: model.id })).dataset };
      }),
      show: os.datasets.show.handler(({ input }) => datasets.show(input.id)),
    },
    generalAnswers: {
      start: os.generalAnswers.start.handler(({ input }) => {
        assertFacts();
        return { jobId: startGeneralAnswers(input).id };
      }),
    },
    training: {
      start: os.training.start.handler(({ input }) => {
        assertFacts();
        // The same lane: it is over before the training begins, and at once where the answers are there.
        if (datasets.generalPrompts(input).length > 0) startGeneralAnswers(input);
        return startTraining(input);
      }),
      plan: os.training.plan.handler(({ input, signal }) => {
        assertModelFree(services.training.running());
        return services.previewTraining(input, signal === undefined ? {} : { signal });
      }),
    },
    evaluations: {
      start: os.evaluations.start.handler(({ input }) => {
        const job = jobs.start({
          kind: 'evaluate',
          lane: 'compute',
          params: {
            adapter: input.adapter,
            arm: input.arm,
            hasOwnQuestions: input.questionsFile !== undefined,
          },
          run: ({ signal, report }) => services.evaluations.evaluate(input, { signal, report }),
        });
        return { jobId: job.id };
      }),
    },
    jobs: {
      get: os.jobs.get.handler(({ input }) => jobs.get(input.jobId)),
      list: os.jobs.list.handler(() => ({ jobs: jobs.listOpen() })),
      cancel: os.jobs.cancel.handler(({ input }) =>
        dependencies.isBusy() ? order(input.jobId, 'cancel') : jobs.cancel(input.jobId),
      ),
      pause: os.jobs.pause.handler(({ input }) =>
        dependencies.isBusy() ? order(input.jobId, 'pause') : jobs.pause(input.jobId),
      ),
      resume: os.jobs.resume.handler(({ input }) => {
        const job = jobs.get(input.jobId);
        const isStopped = job.state === 'paused' || job.state === 'interrupted';
        const download = isStopped && job.kind === 'download' ? requestOf(job) : undefined;
        if (download !== undefined) return startDownload(services, download);
        if (!isStopped || job.kind !== 'train') {
          throw new AppError(
            'conflict',
            `There is nothing to go on with: the ${job.kind} job is ${job.state}.`,
            {
              hint: 'See: keepsake jobs list',
            },
          );
        }
        return startTraining(trainingRequest.parse(job.params));
      }),
      watch: os.jobs.watch.handler(async function* ({ input, signal }) {
        try {
          yield* jobs.watch(input.jobId, signal);
        } catch (error) {
          nameErrors(error);
        }
      }),
    },
  };
}
