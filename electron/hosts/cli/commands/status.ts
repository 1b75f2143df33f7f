import type { MethodOutputs } from '../../../contract/methods.ts';
import { withApp, type CommandGroup } from '../command.ts';
import { describeKnowledge } from '../describe-knowledge.ts';
import { count } from '../words.ts';

/** `keepsake status` */
export const statusCommands: CommandGroup = (program, run) => {
  program
    .command('status')
    .description('say where things stand')
    .action(() =>
      run((context) =>
        withApp(context, 'read', async ({ client }) => {
          const result = await client.status.get({});
          const knowledge = await client.knowledge.summary({});
          return { result, text: [describe(result), describeKnowledge(knowledge)].join('\n') };
        }),
      ),
    );
};

function describe(status: MethodOutputs['status']['get']): string {
  const states = Object.entries(status.facts.byState).map(([state, n]) => `${n} ${state}`);
  const lines = [
    `Data folder: ${status.data}`,
    `Profile: ${status.profile.name}`,
    `Facts: ${status.facts.current} in force, ${status.facts.total - status.facts.current} former, ${status.facts.derived} derived${states.length === 0 ? '' : `; together: ${states.join(', ')}`}`,
    status.activeAdapterId === null
      ? `No adapter is active (${count(status.adapters, 'version')}).`
      : `Active adapter: ${status.activeAdapterId} (${count(status.adapters, 'version')})`,
  ];
  if (status.lastDevice !== null) lines.push(`Last training on: ${status.lastDevice}`);
  if (status.rebuildNeeded)
    lines.push('Something that was taught was taken away: the next training starts from the base.');
  if (status.busy) lines.push('Another Keepsake process is writing to this folder.');
  for (const run of status.stopped) lines.push(`${run.message} ${run.hint}`);
  for (const job of status.jobs) lines.push(`Job ${job.kind}: ${job.state}`);
  return lines.join('\n');
}
