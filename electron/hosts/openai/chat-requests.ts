/**
 * A body of `/v1/chat/completions` as a request to the core. Every field is honoured or refused by its name: an answer
 * that silently ignores a setting is worse than none.
 */
import { randomInt } from 'node:crypto';
import { z } from 'zod';
import type { Message } from '../../contract/entities/training.ts';
import type { CompletionRequest } from '../../core/chat/chat-service.ts';
import { ApiError, invalid, unsupported } from './api-errors.ts';

/** The names that a client may ask for. */
export const modelNames = ['keepsake', 'base'] as const;
export type ModelName = (typeof modelNames)[number];

/** Longest message in characters; a longer one fits no context. */
const longestMessage = 200_000;
const mostMessages = 10_000;
const mostTokens = 1_000_000;

export type ChatRequest = {
  readonly model: ModelName;
  readonly stream: boolean;
  /** Whether a last chunk of a stream tells the usage. */
  readonly streamUsage: boolean;
  readonly completion: CompletionRequest;
};

/** Settings that are taken where they ask for what is done anyway, with the values that do. */
const fixedFields: Readonly<
  Record<string, { readonly accepts: (value: unknown) => boolean; readonly why: string }>
> = {
  n: { accepts: (value) => value === 1, why: 'One answer is given to a request: n must be 1.' },
  tools: { accepts: isEmpty, why: 'Tools are not supported.' },
  functions: { accepts: isEmpty, why: 'Functions are not supported.' },
  tool_choice: { accepts: (value) => value === 'none' || value === 'auto', why: 'Tools are not supported.' },
  function_call: {
    accepts: (value) => value === 'none' || value === 'auto',
    why: 'Functions are not supported.',
  },
  parallel_tool_calls: { accepts: (value) => typeof value === 'boolean', why: 'Tools are not supported.' },
  logprobs: {
    accepts: (value) => value === false,
    why: 'Probabilities of tokens are not given out: logprobs must be false.',
  },
  top_logprobs: { accepts: (value) => value === 0, why: 'Probabilities of tokens are not given out.' },
  logit_bias: { accepts: isEmpty, why: 'logit_bias is not supported.' },
  presence_penalty: {
    accepts: (value) => value === 0,
    why: 'presence_penalty is not supported: it must be 0.',
  },
  frequency_penalty: {
    accepts: (value) => value === 0,
    why: 'frequency_penalty is not supported: it must be 0.',
  },
  response_format: {
    accepts: (value) => z.object({ type: z.literal('text') }).safeParse(value).success,
    why: 'Only plain text is answered: response_format must be {"type":"text"}.',
  },
  modalities: {
    accepts: (value) => z.array(z.literal('text')).safeParse(value).success,
    why: 'Only text is answered.',
  },
  audio: { accepts: () => false, why: 'Audio is not supported.' },
  prediction: { accepts: () => false, why: 'prediction is not supported.' },
  web_search_options: { accepts: () => false, why: 'Nothing is searched on the web.' },
  store: { accepts: (value) => value === false, why: 'Nothing is stored: store must be false.' },
  service_tier: {
    accepts: (value) => value === 'auto' || value === 'default',
    why: 'There are no service tiers.',
  },
};

/** Fields for the books of the client: they change no answer. */
const ignoredFields: ReadonlySet<string> = new Set([
  ...['user', 'metadata', 'safety_identifier', 'prompt_cache_key', 'prompt_cache_retention'],
]);

const number = z.number();
const fields = z.object({
  model: z.string(),
  messages: z.array(z.unknown()).min(1).max(mostMessages),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  temperature: number.min(0).max(2).nullish(),
  top_p: number.gt(0).max(1).nullish(),
  max_tokens: number.int().min(1).max(mostTokens).nullish(),
  max_completion_tokens: number.int().min(1).max(mostTokens).nullish(),
  seed: number.int().nullish(),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(4)]).nullish(),
});

/** Checks a body. Throws an {@link ApiError} that names the field. */
export function parseChatRequest(body: unknown): ChatRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ApiError(400, 'The body must be a JSON object.');
  }
  assertKnownFields(body);
  const parsed = fields.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path.join('.') ?? '';
    throw invalid(path, `"${path}" is not valid: ${issue?.message ?? 'unknown problem'}.`);
  }
  const given = parsed.data;
  const model = modelNames.find((name) => name === given.model);
  if (model === undefined) throw unknownModel(given.model);
  const stop = typeof given.stop === 'string' ? [given.stop] : (given.stop ?? []);
  return {
    model,
    stream: given.stream ?? false,
    streamUsage: given.stream_options?.include_usage ?? false,
    completion: {
      ...toTurns(given.messages.map(toMessage)),
      model,
      maxTokens: given.max_completion_tokens ?? given.max_tokens ?? undefined,
      sampling: toSampling(given),
      stop,
    },
  };
}

/** The error for a model that is not served. */
export function unknownModel(name: string): ApiError {
  return new ApiError(404, `There is no model "${name.slice(0, 80)}". There are: ${modelNames.join(', ')}.`, {
    code: 'model_not_found',
    param: 'model',
  });
}

function assertKnownFields(body: object): void {
  for (const [name, value] of Object.entries(body) as [string, unknown][]) {
    if (Object.hasOwn(fields.shape, name) || ignoredFields.has(name) || value === null) continue;
    const fixed = Object.hasOwn(fixedFields, name) ? fixedFields[name] : undefined;
    if (fixed === undefined) {
      throw unsupported(name.slice(0, 80), `The field "${name.slice(0, 80)}" is not known and not honoured.`);
    }
    if (!fixed.accepts(value)) throw unsupported(name, fixed.why);
  }
}

/** Greedy unless a temperature is asked for, as everywhere in Keepsake. */
function toSampling(given: {
  readonly temperature?: number | null | undefined;
  readonly top_p?: number | null | undefined;
  readonly seed?: number | null | undefined;
}): CompletionRequest['sampling'] {
  const temperature = given.temperature ?? 0;
  if (temperature === 0) return undefined;
  const seed = given.seed === null || given.seed === undefined ? randomInt(2 ** 32) : given.seed >>> 0;
  return { temperature, seed, topP: given.top_p ?? undefined };
}

const part = z.object({ type: z.string(), text: z.string().optional() });
const message = z.object({
  role: z.string(),
  content: z.union([z.string(), z.array(part)]).nullish(),
  tool_calls: z.array(z.unknown()).nullish(),
  function_call: z.unknown().optional(),
});

function toMessage(value: unknown, index: number): Message {
  const where = `messages.${index}`;
  const parsed = message.safeParse(value);
  if (!parsed.success) throw invalid(where, `"${where}" is not a message with a role and a text.`);
  const { role, content, tool_calls, function_call } = parsed.data;
  if (role === 'tool' || role === 'function') throw unsupported(where, 'Results of tools are not supported.');
  if ((tool_calls?.length ?? 0) > 0 || (function_call ?? null) !== null) {
    throw unsupported(where, 'Calls of tools are not supported.');
  }
  const text = typeof content === 'string' ? content : toText(content ?? [], where);
  if (text.length > longestMessage) {
    throw new ApiError(400, `"${where}" has more than ${longestMessage} characters.`, {
      code: 'context_length_exceeded',
      param: where,
    });
  }
  switch (role) {
    case 'user':
    case 'assistant':
    case 'system':
      return { role, content: text };
    case 'developer':
      return { role: 'system', content: text };
    default:
      throw invalid(`${where}.role`, `"${role.slice(0, 40)}" is not a role: system, user and assistant are.`);
  }
}

function toText(parts: readonly z.infer<typeof part>[], where: string): string {
  return parts
    .map(({ type, text }) => {
      if (type === 'text' && text !== undefined) return text;
      throw unsupported(
        where,
        `Only text can be read: a part of type "${type.slice(0, 40)}" is not supported.`,
      );
    })
    .join('');
}

/** System messages come first and are one; the last message is the question. */
function toTurns(
  messages: readonly Message[],
): Pick<CompletionRequest, 'question' | 'history' | 'systemText'> {
  const firstTurn = messages.findIndex((each) => each.role !== 'system');
  const turns = firstTurn < 0 ? [] : messages.slice(firstTurn);
  const late = turns.findIndex((each) => each.role === 'system');
  if (late >= 0) {
    throw invalid(`messages.${firstTurn + late}`, 'System messages must stand before all others.');
  }
  const last = turns.at(-1);
  if (last?.role !== 'user') throw invalid('messages', 'The last message must be one of the user.');
  if (last.content.trim() === '') throw invalid('messages', 'The last message is empty.');
  const systems = messages.slice(0, firstTurn).map((each) => each.content.trim());
  const systemText = systems.filter((text) => text !== '').join('\n\n');
  return {
    question: last.content,
    history: turns.slice(0, -1),
    systemText: systemText === '' ? undefined : systemText,
  };
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
