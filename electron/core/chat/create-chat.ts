/** Wires the parts of chat. */
import type { Database } from 'better-sqlite3';
import type { Fact } from '../../contract/entities/fact.ts';
import type { Adapter } from '../../contract/entities/model.ts';
import type { Clock } from '../dependencies.ts';
import { loadAbstentionPatterns } from '../evaluation/benchmarks.ts';
import { dayOf } from '../facts/dates.ts';
import { hashText } from '../util/random.ts';
import { loadTemplates } from '../variations/templates.ts';
import type { BasisContext } from './answer-basis.ts';
import { createAnswerer, type AnswererInput } from './answerer.ts';
import { createChatService } from './chat-service.ts';
import { createConversationService } from './conversation-service.ts';
import { createExplain } from './explain.ts';
import { suggestQuestions } from './suggestions.ts';
import { createWindowChat, type WindowChatInput } from './window-chat.ts';

export type ChatInput = AnswererInput &
  Pick<WindowChatInput, 'announceKept' | 'assertFree' | 'propose'> & {
    readonly db: Database;
    readonly clock: Clock;
    readonly newId: () => string;
    /** Folder of the shipped resources. */
    readonly resources: string;
    /** An adapter by its id, its file checked. */
    readonly findAdapter: (id: string) => Adapter;
  };

/** Creates chat, its conversations, and what belongs to an answer. */
export function createChat(rest: Omit<ChatInput, 'wordingsOf'>) {
  const wordingsOf = ({ kind }: Fact): readonly string[] =>
    kind === null ? [] : (wordings().get(kind) ?? []);
  const input: ChatInput = { ...rest, wordingsOf };
  const give = createAnswerer(input);
  const conversations = createConversationService(input);
  let context: BasisContext | undefined;
  const basisContext = (): BasisContext => {
    context ??= {
      kinds: input.kinds,
      templates: loadTemplates(input.resources),
      abstentionPatterns: loadAbstentionPatterns(input.resources),
    };
    return context;
  };
  let byKind: ReadonlyMap<string, readonly string[]> | undefined;
  /** Those that are taught; the ones that an examination asks stay out of sight. */
  function wordings(): ReadonlyMap<string, readonly string[]> {
    byKind ??= new Map(
      [...basisContext().templates.natural].map(([kind, forms]) => [
        kind,
        forms.filter(({ split, use }) => split === 'train' && use === 'direct').map(({ me }) => me),
      ]),
    );
    return byKind;
  }
  const window = createWindowChat({ ...input, give, conversations, basisContext });
  return {
    chat: createChatService(input),
    conversations,
    windowChat: {
      send: window.send,
      explain: createExplain({
        ...input,
        give,
        conversations,
        findExchange: window.findExchange,
        findAdapter: (id) => {
          try {
            return input.findAdapter(id);
          } catch {
            return undefined;
          }
        },
      }),
      /** Others on another day. */
      suggestions: (): string[] =>
        suggestQuestions({
          facts: input.listFacts(),
          kinds: input.kinds,
          templates: loadTemplates(input.resources),
          seed: hashText(dayOf(input.clock.now())),
        }),
    },
  };
}
