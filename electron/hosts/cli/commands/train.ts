import { trainReport, type RecipeName, type TrainReport } from '../../../contract/entities/training.ts';
import { withApp, type CommandGroup } from '../command.ts';
import { askInGeneral, finishJob } from '../job-progress.ts';
import { describePlan } from '../describe-plan.ts';
import { modelReference, recipeOption, seedOption } from '../options.ts';

type TrainOptions = {
  readonly base?: string;
  readonly recipe: RecipeName;
  readonly device?: string;
  readonly seed: number;
  readonly resume?: boolean;
  readonly rebuild?: boolean;
  readonly repair: boolean;
  readonly plan?: boolean;
};

/** `keepsake train` */
export const trainCommands: CommandGroup = (program, run) => {
  program
    .command('train')
    .description('teach the facts: train an adapter, test it, and use it if it passes')
    .option('--base <id-or-file>', 'the base model to train on')
    .addOption(recipeOption())
    .addOption(seedOption())
    .option('--device <name>', 'what trains: see `devices` (default: the best GPU that works, else the CPU)')
    .option('--resume', 'only go on with a training that was stopped')
    .option('--rebuild', 'start from the base, whatever has changed')
    .option('--no-repair', 'no short rounds for facts that were not learnt')
    .option('--plan', 'say what would be taught, how long it takes and what it needs; change nothing')
    .action(({ base, resume, rebuild, plan, ...options }: TrainOptions) => {
      const request = {
        ...options,
        resume: resume ?? false,
        rebuild: rebuild ?? false,
        ...(base !== undefined && { base: modelReference(base) }),
      };
      if (plan === true) {
        return run((context) =>
          withApp(context, 'read', async ({ client }) => {
            const result = await client.training.plan(request, { signal: context.signal });
            return { result, text: describePlan(result) };
          }),
        );
      }
      return run((context) =>
        withApp(context, 'write', async (app) => {
          await askInGeneral(app.client, request, context);
          const { jobId } = await app.client.training.start(request);
          const report = trainReport.parse(await finishJob(app.client, jobId, context));
          return { result: report, text: describeReport(report) };
        }),
      );
    });
};

/** What came of a training, for people. */
export function describeReport(report: TrainReport): string {
  const { approved, reasons } = report.verdict;
  if (!report.changed) {
    // It need not be the one that answers: another may have been activated since.
    const verdict = approved ? 'It passed.' : `It was rejected: ${reasons.join('; ')}.`;
    return `Nothing has changed since adapter ${report.adapterId} was trained. ${verdict}`;
  }
  const judged = approved
    ? `Adapter ${report.adapterId} passed and answers from now on.`
    : `Adapter ${report.adapterId} was rejected and is not used: ${reasons.join('; ')}.`;
  const loss = report.loss === null ? '' : `, loss ${report.loss.toFixed(3)}`;
  const figures =
    report.seconds === null
      ? ''
      : `Trained ${report.tokens ?? 0} tokens in ${report.seconds.toFixed(0)} s${loss}. `;
  return `${figures}${judged}`;
}
