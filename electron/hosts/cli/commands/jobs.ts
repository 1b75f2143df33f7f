import { setTimeout as wait } from 'node:timers/promises';
import type { Job } from '../../../contract/entities/job.ts';
import { trainReport } from '../../../contract/entities/training.ts';
import { AppError, cancelledError } from '../../../contract/errors.ts';
import type { AppClient } from '../../../core/app.ts';
import { withApp, type CommandContext, type CommandGroup } from '../command.ts';
import { finishJob } from '../job-progress.ts';
import { describeProgress, type CommandResult } from '../output.ts';
import { describeReport } from './train.ts';

/** How long a second process waits for the one that works to stop, in milliseconds. */
const patienceMs = 30_000;
const lookEveryMs = 300;

/** `keepsake jobs list|pause|cancel|resume` */
export const jobsCommands: CommandGroup = (program, run) => {
  const jobs = program.command('jobs').description('what is running or was stopped, and what to do with it');
  jobs
    .command('list')
    .description('what runs, waits, is paused or was interrupted')
    .action(() =>
      run((context) =>
        withApp(context, 'read', async ({ client }) => {
          const result = await client.jobs.list({});
          const lines = result.jobs.map(describe);
          return { result, text: lines.length === 0 ? 'Nothing is running or stopped.' : lines.join('\n') };
        }),
      ),
    );
  for (const order of ['pause', 'cancel'] as const) {
    jobs
      .command(order)
      .argument('[id]', 'the job; not needed where there is only one')
      .description(
        order === 'pause'
          ? 'stop a training so that it can be gone on with; also from another terminal'
          : 'stop a job; also from another terminal',
      )
      .action((id: string | undefined) => run((context) => give(order, id, context)));
  }
  jobs
    .command('resume')
    .argument('[id]', 'the job; not needed where there is only one')
    .description('go on with a training that is paused or was interrupted')
    .action((id: string | undefined) =>
      run((context) =>
        withApp(context, 'write', async ({ client }) => {
          const job = await choose(client, id, ['paused', 'interrupted']);
          const { jobId } = await client.jobs.resume({ jobId: job.id });
          const report = trainReport.parse(await finishJob(client, jobId, context));
          return { result: report, text: describeReport(report) };
        }),
      ),
    );
};

/** Tells the process that works, or does it here where none works, and waits until the job has stopped. */
async function give(
  order: 'pause' | 'cancel',
  id: string | undefined,
  context: CommandContext,
): Promise<CommandResult> {
  const told = await withApp(context, 'read', async ({ client }) => {
    const { busy } = await client.status.get({});
    const states: Job['state'][] = busy
      ? ['running', 'queued', 'cancelling']
      : ['paused', 'interrupted', 'queued'];
    const job = await choose(client, id, order === 'pause' && !busy ? ['running'] : states);
    return { busy, job: busy ? await client.jobs[order]({ jobId: job.id }) : job };
  });
  const job = told.busy
    ? await waitForEnd(told.job, context)
    : await withApp(context, 'write', ({ client }) => client.jobs[order]({ jobId: told.job.id }));
  return { result: { job }, text: describe(job) };
}

/** Looks from outside until the job has stopped. */
async function waitForEnd(job: Job, context: CommandContext): Promise<Job> {
  const until = Date.now() + patienceMs;
  while (Date.now() < until) {
    if (context.signal.aborted) throw cancelledError();
    const now = await withApp(context, 'read', ({ client }) => client.jobs.get({ jobId: job.id }));
    if (!['queued', 'running', 'cancelling'].includes(now.state)) return now;
    await wait(lookEveryMs);
  }
  throw new AppError('conflict', `The ${job.kind} job does not stop.`, {
    hint: 'Look again with: keepsake jobs list',
  });
}

/** The job that is named, by its id or the beginning of it, or the only one in one of the states. */
async function choose(
  client: AppClient,
  id: string | undefined,
  states: readonly Job['state'][],
): Promise<Job> {
  const { jobs } = await client.jobs.list({});
  if (id !== undefined) {
    const found = jobs.filter((job) => job.id === id || (id.length >= 6 && job.id.startsWith(id)));
    const [only] = found;
    return only !== undefined && found.length === 1 ? only : client.jobs.get({ jobId: id });
  }
  const fitting = jobs.filter((job) => states.includes(job.state));
  const [only] = fitting;
  if (only === undefined) {
    throw new AppError('not-found', `No job is ${states.slice(0, 2).join(' or ')}.`, {
      hint: 'See: keepsake jobs list',
    });
  }
  if (fitting.length > 1) {
    throw new AppError('invalid-input', 'There are several jobs: say which.', {
      hint: 'See: keepsake jobs list',
    });
  }
  return only;
}

function describe(job: Job): string {
  const progress = job.progress === null ? '' : `, ${describeProgress(job.progress)}`;
  return `${job.id}  ${job.kind}: ${job.state}${progress}`;
}
