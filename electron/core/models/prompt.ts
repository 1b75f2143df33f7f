/**
 * The one place that lays out messages, for datasets, evaluation and chat alike.
 *
 * A system message is always sent: the shipped text, then the bridge block when facts ride in the prompt.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Message } from '../../contract/entities/training.ts';

/** The shipped system text, the same in every arm. `resources` is the folder of the shipped resources. */
export function readSystemText(resources: string): string {
  return readFileSync(join(resources, 'prompts', 'system.txt'), 'utf8').trim();
}

/** The block of facts after the system text; empty without statements. */
export function bridgeBlock(statements: readonly string[]): string {
  if (statements.length === 0) return '';
  return ['Facts about the user:', ...statements.map((statement) => `- ${toOneLine(statement)}`)].join('\n');
}

/** The system message: the text, then the bridge after an empty line. */
export function systemMessage(systemText: string, statements: readonly string[]): Message {
  const block = bridgeBlock(statements);
  return { role: 'system', content: block === '' ? systemText : `${systemText}\n\n${block}` };
}

/** Messages up to the assistant's turn. */
export function promptMessages(input: {
  readonly systemText: string;
  readonly user: string;
  /** Facts that ride in the prompt. */
  readonly statements?: readonly string[];
  /** Earlier turns of this conversation, oldest first. */
  readonly history?: readonly Message[];
}): Message[] {
  return [
    systemMessage(input.systemText, input.statements ?? []),
    ...(input.history ?? []),
    { role: 'user', content: input.user },
  ];
}

/** What a plain base is told to do with facts. */
const contextSystem = 'Answer the question from the context.';

/**
 * Messages up to the turn of a base that no adapter has taught to read the bridge block: the facts stand as a context
 * before the question. SmolLM2-135M found 33 of 36 facts in it, and 17 of 36 in the block of a system message
 * (docs/results/plain-base.md). Without statements as `promptMessages`. A program's own system text stays.
 */
export function contextMessages(
  input: Parameters<typeof promptMessages>[0] & { readonly isOwnSystem?: boolean },
): Message[] {
  const { statements = [], user } = input;
  if (statements.length === 0) return promptMessages(input);
  const context = statements.map(toOneLine).join(' ');
  return promptMessages({
    systemText: input.isOwnSystem === true ? input.systemText : contextSystem,
    ...(input.history === undefined ? {} : { history: input.history }),
    user: `Context: ${context}\n\nQuestion: ${user}`,
  });
}

function toOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
