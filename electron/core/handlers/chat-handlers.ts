import type { HandlerInput } from './implementer.ts';
import { notBuilt } from './not-built.ts';

/** Handlers of `chat` and `conversations`. */
export function createChatHandlers({ os, services, nameErrors }: HandlerInput) {
  return {
    chat: {
      ask: os.chat.ask.handler(({ input, signal }) => services.chat.ask(input, { signal })),
      send: os.chat.send.handler(async function* ({ input, signal }) {
        try {
          yield* services.chat.send(input, { signal });
        } catch (error) {
          nameErrors(error);
        }
      }),
      explain: os.chat.explain.handler(notBuilt),
      suggestions: os.chat.suggestions.handler(notBuilt),
    },
    conversations: {
      list: os.conversations.list.handler(notBuilt),
      get: os.conversations.get.handler(notBuilt),
      rename: os.conversations.rename.handler(notBuilt),
      remove: os.conversations.remove.handler(notBuilt),
      removeAll: os.conversations.removeAll.handler(notBuilt),
    },
  };
}
