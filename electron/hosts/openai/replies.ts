/** Answers in the shapes of the OpenAI API. */
import type { Completion } from '../../core/chat/chat-service.ts';
import { modelNames, type ModelName } from './chat-requests.ts';

/** What all pieces of one answer share. */
export type ReplyHead = { readonly id: string; readonly created: number; readonly model: ModelName };

/** One model of `/v1/models`. */
export function modelReply(id: ModelName): object {
  return { id, object: 'model', created: 0, owned_by: 'keepsake' };
}

/** `/v1/models` */
export function modelsReply(): object {
  return { object: 'list', data: modelNames.map(modelReply) };
}

/** A whole answer. */
export function completionReply(head: ReplyHead, completion: Completion): object {
  return {
    ...head,
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: completion.answer, refusal: null },
        logprobs: null,
        finish_reason: completion.finish,
      },
    ],
    usage: usageOf(completion),
    keepsake: sourceOf(completion),
  };
}

/** A piece of a stream; the first one names the role, the last one the reason of the end. */
export function chunkReply(
  head: ReplyHead,
  delta: { readonly role?: 'assistant'; readonly content?: string },
  finish: Completion['finish'] | null = null,
  completion?: Completion,
): object {
  return {
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...(completion === undefined ? {} : { keepsake: sourceOf(completion) }),
  };
}

/** The chunk that tells the usage of a stream. */
export function usageChunk(head: ReplyHead, completion: Completion): object {
  return { ...head, object: 'chat.completion.chunk', choices: [], usage: usageOf(completion) };
}

function usageOf({ promptTokens, answerTokens }: Completion): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: answerTokens,
    total_tokens: promptTokens + answerTokens,
  };
}

/** Who answered, and how many facts rode in the prompt. */
function sourceOf({ answeredBy, adapterId, bridged }: Completion): object {
  return { answered_by: answeredBy, adapter_id: adapterId, bridged: bridged.length };
}
