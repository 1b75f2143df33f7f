/**
 * The worker's protocol on this side: its messages checked, its snake_case keys mapped, and nowhere else.
 *
 * The written source is native-worker/PROTOCOL.md. Unknown types and fields are ignored; a higher protocol is refused.
 */
import { z } from 'zod';
import type { Device } from '../../contract/entities/device.ts';
import type { SequenceScore, TrainerEvent } from '../dependencies.ts';

export const protocolVersion = 1;

const finite = z.number();

const workerMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    protocol: z.number().int(),
    version: z.string().default(''),
    device: z.string().default('cpu'),
    threads: z.number().int().default(1),
    gemm: z.string().default(''),
  }),
  z.object({
    type: z.literal('plan'),
    steps: finite,
    tokens: finite,
    memory_bytes: finite.default(0),
    device: z.string().default('cpu'),
    device_description: z.string().default(''),
  }),
  z.object({ type: z.literal('phase'), name: z.string() }),
  z.object({
    type: z.literal('step'),
    step: finite,
    steps: finite,
    loss: finite,
    lr: finite,
    grad_norm: finite,
    tokens: finite,
    tokens_per_s: finite,
  }),
  z.object({
    type: z.literal('probe'),
    step: finite,
    right: finite,
    total: finite,
    ids_right: z.array(z.string()).optional(),
  }),
  z.object({ type: z.literal('checkpoint'), step: finite }),
  z.object({ type: z.literal('warning'), code: z.string(), message: z.string() }),
  z.object({ type: z.literal('heartbeat') }),
  z.object({
    type: z.literal('done'),
    output: z.string(),
    steps: finite.default(0),
    tokens: finite.default(0),
    seconds: finite,
    loss: finite.default(0),
    /** Size of a merged model. */
    bytes: finite.default(0),
    peak_memory_bytes: finite.default(0),
  }),
  z.object({ type: z.literal('cancelled'), step: finite, reason: z.enum(['cancel', 'pause']) }),
  z.object({ type: z.literal('error'), code: z.string(), message: z.string(), hint: z.string().optional() }),
]);
export type WorkerMessage = z.infer<typeof workerMessage>;

const knownTypes = new Set(workerMessage.options.map((option) => option.shape.type.value as string));

/** A checked message, `undefined` for a type this version does not know, or an error for a malformed known one. */
export function parseWorkerMessage(value: unknown): WorkerMessage | undefined {
  const type = z.looseObject({ type: z.string() }).safeParse(value);
  if (!type.success) throw new Error('the line is not an object with a "type"');
  if (!knownTypes.has(type.data.type)) return undefined;
  return workerMessage.parse(value);
}

/** The event that the core sees, or `undefined` for a message that is not an event (done, error ...). */
export function toTrainerEvent(message: WorkerMessage): TrainerEvent | undefined {
  switch (message.type) {
    case 'hello':
      return { type: 'hello', device: message.device, threads: message.threads, gemm: message.gemm };
    case 'plan':
      return {
        type: 'plan',
        steps: message.steps,
        tokens: message.tokens,
        memoryBytes: message.memory_bytes,
        device: message.device,
        deviceDescription: message.device_description,
      };
    case 'phase':
      return { type: 'phase', name: message.name };
    case 'step':
      return {
        type: 'step',
        step: message.step,
        steps: message.steps,
        loss: message.loss,
        lr: message.lr,
        gradNorm: message.grad_norm,
        tokens: message.tokens,
        tokensPerSecond: message.tokens_per_s,
      };
    case 'probe':
      return {
        type: 'probe',
        step: message.step,
        right: message.right,
        total: message.total,
        rightIds: message.ids_right ?? null,
      };
    case 'checkpoint':
      return { type: 'checkpoint', step: message.step };
    case 'warning':
      return { type: 'warning', code: message.code, message: message.message };
    case 'heartbeat':
      return { type: 'heartbeat' };
    case 'done':
    case 'cancelled':
    case 'error':
      return undefined;
  }
}

const deviceMessage = z.object({
  type: z.literal('device'),
  name: z.string(),
  description: z.string().default(''),
  device_type: z.enum(['cpu', 'gpu', 'igpu', 'software']),
  memory_free: z.number(),
  memory_total: z.number(),
  supported: z.boolean(),
  reason: z.string().nullish(),
});

/** One line of the answer to `devices`, checked. */
export function parseDevice(value: unknown): Device {
  const found = deviceMessage.parse(value);
  return {
    name: found.name,
    description: found.description,
    type: found.device_type,
    memoryFreeBytes: found.memory_free,
    memoryTotalBytes: found.memory_total,
    supported: found.supported,
    reason: found.reason ?? null,
  };
}

const score = z.object({
  type: z.literal('score'),
  id: z.string(),
  log_prob: finite,
  log_prob_base: finite,
  kl: finite,
  tokens: finite,
});

/** A line of `score`, checked; `undefined` for a message of another type. */
export function parseScore(value: unknown): SequenceScore | undefined {
  if ((value as { type?: unknown } | null)?.type !== 'score') return undefined;
  const { id, tokens, log_prob, log_prob_base, kl } = score.parse(value);
  return { id, tokens, logProb: log_prob, logProbBase: log_prob_base, divergence: kl };
}

const inspection = z.object({
  type: z.literal('inspect'),
  architecture: z.string(),
  supported: z.boolean(),
  reason: z.string().nullish(),
  is_adapter: z.boolean(),
  has_chat_template: z.boolean(),
  n_ctx_train: z.number().default(0),
  tensor_types: z.record(z.string(), z.number()).default({}),
  general_name: z.string().default(''),
});
export type WorkerInspection = z.infer<typeof inspection>;

/** The answer to `inspect`, checked. */
export function parseInspection(value: unknown): WorkerInspection {
  return inspection.parse(value);
}
