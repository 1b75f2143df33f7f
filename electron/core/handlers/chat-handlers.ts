import type { HandlerInput } from './implementer.ts';

/** Handlers of `chat` and `conversations`. */
export function createChatHandlers({ os, services, nameErrors }: HandlerInput) {
  const { chat, windowChat, conversations } = services;

  return {
    chat: {
      ask: os.chat.ask.handler(({ input, signal }) => chat.ask(input, { signal })),
      send: os.chat.send.handler(async function* ({ input, signal }) {
        try {
          yield* windowChat.send(input, { signal });
        } catch (error) {
          nameErrors(error);
        }
      }),
      explain: os.chat.explain.handler(({ input, signal }) =>
        windowChat.explain(input.messageId, { signal }),
      ),
      suggestions: os.chat.suggestions.handler(() => ({ questions: windowChat.suggestions() })),
    },
    conversations: {
      list: os.conversations.list.handler(({ input }) => conversations.list(input)),
      get: os.conversations.get.handler(({ input }) => conversations.get(input.id)),
      rename: os.conversations.rename.handler(({ input }) => ({
        conversation: conversations.rename(input.id, input.title),
      })),
      remove: os.conversations.remove.handler(({ input }) => ({ removed: conversations.remove(input.id) })),
      removeAll: os.conversations.removeAll.handler(() => ({ removed: conversations.removeAll() })),
    },
  };
}
