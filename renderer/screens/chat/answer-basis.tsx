import { Check, CircleQuestionMark, Quote, type LucideIcon } from 'lucide-react';
import type { ChatExplanation } from '../../../electron/contract/entities/chat.ts';
import type { ChatMessage } from '../../../electron/contract/entities/conversation.ts';
import { useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';

export type AnswerBasisProps = {
  readonly message: ChatMessage;
  readonly isCompared: boolean;
  readonly explanation: ChatExplanation | null;
};

type Line = { readonly Icon: LucideIcon | null; readonly words: string; readonly tone: string };

/** What an answer rests on, and what the prompt was spared. */
export function AnswerBasis({ message: { basis }, isCompared, explanation }: AnswerBasisProps) {
  const names = useFactNames(basis?.factIds ?? []);
  if (basis === null) return null;
  const line = lineOf(basis.from, names, isCompared, explanation?.verdict ?? null);
  const saved = basis.from === 'learned' || basis.from === 'prompt' ? basis.tokensSaved : 0;
  if (line === null) return null;
  return (
    <p className="basis">
      <span className={`basis-source basis-${line.tone}`}>
        {line.Icon !== null && <line.Icon aria-hidden size={12} />}
        {line.words}
      </span>
      {saved > 0 && (
        <span className="meta" title={text.chat.savedMeaning}>
          {text.chat.saved(saved)}
        </span>
      )}
    </p>
  );
}

function lineOf(
  from: NonNullable<ChatMessage['basis']>['from'],
  names: readonly string[],
  isCompared: boolean,
  verdict: ChatExplanation['verdict'] | null,
): Line | null {
  const { chat } = text;
  const guess: Line = { Icon: CircleQuestionMark, words: chat.guess, tone: 'guess' };
  const general: Line = { Icon: null, words: chat.general, tone: 'plain' };
  const prompt: Line = { Icon: Quote, words: chat.fromPrompt(names), tone: 'prompt' };
  if (verdict === 'checked') return { Icon: Check, words: chat.checked(names), tone: 'learned' };
  if (verdict === 'from-prompt') return prompt;
  if (verdict === 'guess') return guess;
  if (verdict === 'general') return general;
  switch (from) {
    case 'learned':
      return { Icon: Check, words: chat.learned(names), tone: 'learned' };
    case 'prompt':
      return prompt;
    case 'guess':
      return guess;
    case 'not-told':
      return { Icon: null, words: chat.notTold, tone: 'plain' };
    case 'none':
      return isCompared ? general : null;
  }
}

const shownNames = 3;

/** Short names of facts: "cat's name". */
function useFactNames(ids: readonly string[]): readonly string[] {
  const client = useClient();
  const [first, second, third] = ids.slice(0, shownNames);
  const found = [
    useFactName(client, first ?? null),
    useFactName(client, second ?? null),
    useFactName(client, third ?? null),
  ];
  return found.filter((name) => name !== null);
}

function useFactName(client: ReturnType<typeof useClient>, id: string | null): string | null {
  const { data, error } = useQuery(client.facts.get, id === null ? null : { id }, [], { keepsOld: false });
  if (id === null) return null;
  if (error !== null) return error.code === 'not-found' ? text.chat.goneFact : null;
  return data === undefined ? null : text.chat.factOf(data.fact.subject, data.fact.attribute);
}
