import { Option } from 'commander';
import { createInterface } from 'node:readline/promises';
import type { ChatAnswer } from '../../../contract/entities/chat.ts';
import { armName, type ArmName } from '../../../contract/entities/evaluation.ts';
import type { Message } from '../../../contract/entities/training.ts';
import { toAppError } from '../../../contract/errors.ts';
import type { App } from '../../../core/app.ts';
import { withApp, type CommandContext, type CommandGroup } from '../command.ts';

/** Earlier turns that stay in the prompt. */
const rememberedTurns = 6;

/** `keepsake ask` and `keepsake chat` */
export const chatCommands: CommandGroup = (program, run) => {
  program
    .command('ask')
    .description('ask one question')
    .argument('<question>', 'put -- before a question that begins with a dash')
    .addOption(new Option('--arm <name>', 'who answers').choices(armName.options).default('served'))
    .action((question: string, { arm }: { readonly arm: ArmName }) =>
      run((context) =>
        withApp(context, 'read', async ({ client }) => {
          const result = await client.chat.ask({ question, arm }, { signal: context.signal });
          return { result, text: result.answer, notes: [describe(result)] };
        }),
      ),
    );

  program
    .command('chat')
    .description('talk to the model that knows you; an empty line or Ctrl-D ends it')
    .action(() =>
      run((context) =>
        withApp(context, 'read', async (app) => {
          await talk(app, context);
          return null;
        }),
      ),
    );
};

async function talk(app: App, context: CommandContext): Promise<void> {
  const { output, signal } = context;
  const isTerminal = process.stdin.isTTY;
  const lines = createInterface({
    input: process.stdin,
    ...(isTerminal && { output: process.stderr }),
    prompt: '> ',
  });
  const close = (): void => lines.close();
  signal.addEventListener('abort', close, { once: true });
  lines.on('SIGINT', () => process.emit('SIGINT'));
  // Lines that are piped in may have ended long before the last of them is answered.
  const prompt = (): void => {
    if (isTerminal) lines.prompt();
  };
  let history: Message[] = [];
  try {
    prompt();
    for await (const line of lines) {
      const question = line.trim();
      if (question === '') {
        if (isTerminal) break;
        continue;
      }
      const answer = await reply(app, context, question, history);
      history = [
        ...history,
        { role: 'user' as const, content: question },
        { role: 'assistant' as const, content: answer },
      ].slice(-2 * rememberedTurns);
      prompt();
    }
  } finally {
    signal.removeEventListener('abort', close);
    lines.close();
  }
  if (signal.aborted) throw toAppError(signal.reason);
  output.event({ type: 'end' }, null);
}

async function reply(
  app: App,
  { output, signal }: CommandContext,
  question: string,
  history: readonly Message[],
): Promise<string> {
  let text = '';
  for await (const event of await app.client.chat.send({ question, history: [...history] }, { signal })) {
    if (event.type === 'text') {
      output.stream(event.text);
      continue;
    }
    if (event.type !== 'done') continue;
    text = event.answer.answer;
    output.stream('\n');
    output.event({ type: 'answer', question, ...event.answer }, describe(event.answer));
  }
  return text;
}

function describe({ answeredBy, adapterId, bridged }: ChatAnswer): string {
  const who = answeredBy === 'adapter' ? `learnt (adapter ${adapterId ?? '?'})` : 'plain base model';
  return `[${who}${bridged.length === 0 ? '' : `, ${bridged.length} facts in the prompt`}]`;
}
