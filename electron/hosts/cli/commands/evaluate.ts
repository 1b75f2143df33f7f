import { Option } from 'commander';
import {
  armName,
  type AgainstBase,
  type ArmName,
  type ArmResult,
} from '../../../contract/entities/evaluation.ts';
import { evaluationResult } from '../../../contract/methods.ts';
import { userPath, withApp, type CommandGroup } from '../command.ts';
import { finishJob } from '../job-progress.ts';
import { share } from '../words.ts';

type EvaluateOptions = {
  readonly adapter?: string;
  readonly arm: ArmName | 'all';
  readonly questions?: string;
};

/** `keepsake evaluate` */
export const evaluateCommands: CommandGroup = (program, run) => {
  program
    .command('evaluate')
    .description('ask the questions that no training saw, and count what is right')
    .option('--adapter <id>', 'default: the newest')
    .addOption(
      new Option(
        '--arm <name>',
        'who answers: base, prompt (all facts in the prompt), tuned, both (tuned + prompt), served, standalone (the adapter alone, nothing handed over)',
      )
        .choices([...armName.options, 'all'])
        .default('tuned'),
    )
    .option(
      '--questions <file>',
      'questions of your own: JSON Lines of {id, question, expected, forbidden, kind, group}',
    )
    .action(({ questions: file, ...options }: EvaluateOptions) =>
      run((context) =>
        withApp(context, 'write', async (app) => {
          const input = { ...options, ...(file !== undefined && { questionsFile: userPath(file) }) };
          const { jobId } = await app.client.evaluations.start(input);
          const result = evaluationResult.parse(await finishJob(app.client, jobId, context));
          const arms = 'arms' in result ? Object.values(result.arms) : [result];
          return { result, text: arms.map(describe).join('\n\n') };
        }),
      ),
    );
};

function describe(arm: ArmResult): string {
  const groups = Object.entries(arm.groups).map(([name, rate]) => `  ${name.padEnd(24)} ${share(rate)}`);
  const { handedOver, wronglyKept, wronglyHandedOver } = arm.routing;
  const routing =
    arm.arm === 'standalone'
      ? []
      : [
          `  ${'general, handed over'.padEnd(24)} ${share(handedOver)}`,
          `  ${'general, wrongly kept'.padEnd(24)} ${share(wronglyKept)}`,
          `  ${'personal, handed over'.padEnd(24)} ${share(wronglyHandedOver)}`,
        ];
  return [
    `Arm ${arm.arm}${arm.adapterId === null ? '' : `, adapter ${arm.adapterId}`}`,
    ...groups,
    ...routing,
    ...(arm.againstBase === undefined ? [] : describeAgainstBase(arm.againstBase)),
  ].join('\n');
}

function describeAgainstBase({ ability, perplexity }: AgainstBase): string[] {
  const points = ((ability.tuned.rate ?? 0) - (ability.base.rate ?? 0)) * 100;
  const { tuned, base, ratio, tokens } = perplexity;
  return [
    `  ${'base, general ability'.padEnd(24)} ${share(ability.base)}`,
    `  ${'against the base'.padEnd(24)} ${points >= 0 ? '+' : ''}${points.toFixed(1)} points`,
    `  ${'perplexity'.padEnd(24)} ${tuned.toFixed(2)}, the base ${base.toFixed(2)}, ratio ${ratio.toFixed(3)} (${tokens} tokens)`,
  ];
}
