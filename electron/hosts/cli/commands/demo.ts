/**
 * `keepsake demo`: the whole story with an invented person, through the same calls that any host makes.
 *
 * Facts in, the base asked, an adapter trained, the served model asked again, every figure beside its target.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { armResult, type ArmResult } from '../../../contract/entities/evaluation.ts';
import { trainReport, type TrainReport } from '../../../contract/entities/training.ts';
import { AppError } from '../../../contract/errors.ts';
import type { App } from '../../../core/app.ts';
import { withApp, type CommandContext, type CommandGroup } from '../command.ts';
import { checkTargets, describeTargets, readTargets } from '../demo-targets.ts';
import { finishJob } from '../job-progress.ts';
import { integer } from '../options.ts';
import type { CommandResult } from '../output.ts';

type DemoOptions = { readonly persona: number; readonly facts: number; readonly quick?: boolean };

const projectRoot = fileURLToPath(new URL('../../../../', import.meta.url));
const mostFacts = 100;

export const demoCommands: CommandGroup = (program, run) => {
  program
    .command('demo')
    .description('teach an invented person, headless, and show what was learnt')
    .option('--persona <seed>', 'which invented person', integer, 1)
    .option('--facts <n>', 'how many facts, derived ones included', integer, 25)
    .option('--quick', 'a two-minute taste with few samples; not the proof')
    .action((options: DemoOptions) => run((context) => runDemo(options, context)));
};

async function runDemo(options: DemoOptions, context: CommandContext): Promise<CommandResult> {
  if (options.facts < 1 || options.facts > mostFacts) {
    throw new AppError('invalid-input', `--facts takes a number from 1 to ${mostFacts}.`);
  }
  const quick = options.quick ?? false;
  const startedAt = Date.now();
  const folder = context.data ?? demoFolder(options);
  const say = (text: string): void => context.output.event({ type: 'note', text }, text);
  say(`Persona ${options.persona}, ${options.facts} facts, data in ${folder}`);
  if (quick) say('Quick: few samples, few questions. This is not the proof.');
  return withApp({ ...context, data: folder }, 'write', async (app) => {
    await app.client.facts.import({ file: writePersona(options, folder) });
    const { facts } = await app.client.facts.list({});
    const tiers = Object.entries(Object.groupBy(facts, (fact) => fact.tier));
    say(tiers.map(([tier, list]) => `${list.length} ${tier}`).join(', '));
    const base = quick ? null : await evaluate(app, context, { arm: 'base' });
    const report = await train(app, context, quick);
    for (const [kind, tokens] of Object.entries(report.tokensByKind ?? {})) {
      say(`trained tokens, ${kind} samples: ${tokens}`);
    }
    say(
      report.changed
        ? `Trained ${report.tokens ?? 0} tokens in ${(report.seconds ?? 0).toFixed(0)} s.`
        : 'Nothing has changed since the last training.',
    );
    for (const reason of report.verdict.reasons) say(`gate: ${reason}`);
    if (quick && !report.verdict.approved) {
      await app.client.adapters.activate({
        id: report.adapterId,
        override: 'demo --quick: a taste, not the proof',
      });
    }
    const tuned = await evaluate(app, context, { arm: 'tuned', adapter: report.adapterId, quick });
    return toResult({ options, folder, base, tuned, report, seconds: (Date.now() - startedAt) / 1000 });
  });
}

/** One folder a persona, in the project and git-ignored, never the user's own. */
function demoFolder({ persona, facts, quick }: DemoOptions): string {
  return join(projectRoot, 'demo-data', `persona-${persona}-facts-${facts}${quick === true ? '-quick' : ''}`);
}

function writePersona(options: DemoOptions, folder: string): string {
  const file = join(folder, 'persona.json');
  const script = join(projectRoot, 'scripts', 'make-persona.mjs');
  const text = execFileSync(
    process.execPath,
    [script, '--seed', String(options.persona), '--facts', String(options.facts)],
    { encoding: 'utf8' },
  );
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(file, text);
  return file;
}

async function evaluate(
  app: App,
  context: CommandContext,
  request: { readonly arm: 'base' | 'tuned'; readonly adapter?: string; readonly quick?: boolean },
): Promise<ArmResult> {
  const { jobId } = await app.client.evaluations.start(request);
  return armResult.parse(await finishJob(app.client, jobId, context));
}

async function train(app: App, context: CommandContext, quick: boolean): Promise<TrainReport> {
  const { jobId } = await app.client.training.start({ recipe: quick ? 'quick' : 'routed', repair: false });
  return trainReport.parse(await finishJob(app.client, jobId, context));
}

function toResult(outcome: {
  readonly options: DemoOptions;
  readonly folder: string;
  readonly base: ArmResult | null;
  readonly tuned: ArmResult;
  readonly report: TrainReport;
  readonly seconds: number;
}): CommandResult {
  const { options, folder, base, tuned, report, seconds } = outcome;
  const targets = readTargets(readFileSync(join(projectRoot, 'tests', 'model', 'targets.json'), 'utf8'));
  const figures = checkTargets(targets, { base, tuned });
  const quick = options.quick ?? false;
  const isBelow = !quick && figures.some((figure) => figure.standing === 'below floor');
  const chat = `npm run --silent keepsake -- chat --data "${folder}"`;
  return {
    result: {
      persona: options.persona,
      quick,
      data: folder,
      seconds,
      training: report,
      figures,
      arms: { ...(base === null ? {} : { base: withoutAnswers(base) }), tuned: withoutAnswers(tuned) },
      chat,
    },
    text: [
      ...describeTargets(figures, { base, tuned }),
      '',
      quick
        ? 'Quick run: these figures prove nothing.'
        : isBelow
          ? 'A figure is below its floor.'
          : 'No figure is below its floor.',
      `Verdict of the gate: ${report.verdict.approved ? 'approved' : 'rejected'}. ${seconds.toFixed(0)} s in all.`,
      'Chat with it:',
      `  ${chat}`,
    ].join('\n'),
    exitCode: isBelow || (!quick && !report.verdict.approved) ? 1 : 0,
  };
}

function withoutAnswers({
  kinds,
  groups,
  routing,
}: ArmResult): Pick<ArmResult, 'kinds' | 'groups' | 'routing'> {
  return { kinds, groups, routing };
}
