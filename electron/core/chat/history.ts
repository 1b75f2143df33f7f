/** What was said before a question, as each arm is to read it. */
import type { ArmName } from '../../contract/entities/evaluation.ts';
import type { ChatMessage } from '../../contract/entities/conversation.ts';
import type { Message } from '../../contract/entities/training.ts';

/** A question with its answers. */
export type Turn = { readonly question: ChatMessage; readonly answers: readonly ChatMessage[] };

/** Lines in their order as turns. */
export function turnsOf(lines: readonly ChatMessage[]): Turn[] {
  const turns: { question: ChatMessage; answers: ChatMessage[] }[] = [];
  for (const line of lines) {
    if (line.role === 'user') turns.push({ question: line, answers: [] });
    else turns.at(-1)?.answers.push(line);
  }
  return turns;
}

/**
 * The messages that an arm reads: its own answers where it gave one, else the served ones. A question without an answer
 * is left out.
 */
export function historyFor(turns: readonly Turn[], arm: ArmName): Message[] {
  return turns.flatMap(({ question, answers }) => {
    const answer =
      answers.find((each) => each.arm === arm) ?? answers.find((each) => each.arm !== 'base') ?? answers[0];
    if (answer === undefined || answer.text.trim() === '') return [];
    return [
      { role: 'user' as const, content: question.text },
      { role: 'assistant' as const, content: answer.text },
    ];
  });
}
