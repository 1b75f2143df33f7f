import type { RecipeName } from '../../contract/entities/training.ts';
import type { AppClient } from '../../core/app.ts';
import type { Progress } from '../../contract/entities/job.ts';
import { AppError, cancelledError, toAppError } from '../../contract/errors.ts';
import type { CommandContext } from './command.ts';

/** Prints a job's progress until it has ended and gives its result; Ctrl-C cancels the job and waits for its end. */
export async function finishJob(
  client: AppClient,
  jobId: string,
  { output, signal }: Pick<CommandContext, 'output' | 'signal'>,
): Promise<unknown> {
  const cancel = (): void => void client.jobs.cancel({ jobId }).catch(() => undefined);
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  try {
    for await (const job of await client.jobs.watch({ jobId })) {
      if (job.state === 'succeeded') return job.result;
      if (job.state === 'cancelled') throw job.error === null ? cancelledError() : toError(job.error);
      if (job.state === 'failed') throw job.error === null ? toAppError(undefined) : toError(job.error);
      if (job.state === 'paused') throw pausedError(job.progress);
      if (job.progress !== null) output.progress(job.progress);
    }
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  throw toAppError(new Error(`The job ${jobId} ended without a result.`));
}

/** What the recipe `standalone` needs of the base before a dataset can be built; nothing for the others. */
export async function askInGeneral(
  client: AppClient,
  { recipe, ...request }: { readonly recipe: RecipeName; readonly seed: number; readonly base?: string },
  context: Pick<CommandContext, 'output' | 'signal'>,
): Promise<void> {
  if (recipe !== 'standalone') return;
  const { jobId } = await client.generalAnswers.start({ ...request, recipe });
  await finishJob(client, jobId, context);
}

function pausedError(progress: Progress | null): AppError {
  const where = progress?.unit === 'steps' ? ` at step ${progress.done} of ${progress.total ?? '?'}` : '';
  return new AppError('cancelled', `Paused${where}. Nothing was lost.`, {
    hint: 'Go on with: keepsake jobs resume',
  });
}

function toError(error: {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}): AppError {
  return toAppError(Object.assign(new Error(error.message), { data: error }));
}
