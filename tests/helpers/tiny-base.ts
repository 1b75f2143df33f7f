/** Writes whole tiny base models and adapters for them, so that nothing large is needed where only layouts count. */
import { createRandom } from '../../electron/core/util/random.ts';
import { float32Bytes, writeGguf, type GgufKey, type GgufTensorToWrite } from './gguf-file.ts';

export type TinyShape = {
  readonly architecture: 'llama' | 'qwen2';
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly headsKv: number;
  readonly ff: number;
};

/** Two layers of 64. */
export const tinyShape: TinyShape = {
  architecture: 'llama',
  layers: 2,
  width: 64,
  heads: 4,
  headsKv: 2,
  ff: 96,
};

const vocabulary = 32;
const chatMl =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/** Width in and out of the seven linear layers. */
export function tinyLinears({
  width,
  heads,
  headsKv,
  ff,
}: TinyShape): Record<string, readonly [number, number]> {
  const kv = (width / heads) * headsKv;
  return {
    attn_q: [width, width],
    attn_k: [width, kv],
    attn_v: [width, kv],
    attn_output: [width, width],
    ffn_gate: [width, ff],
    ffn_up: [width, ff],
    ffn_down: [ff, width],
  };
}

/** Writes an F32 base of random weights. */
export function writeTinyBase(file: string, shape: TinyShape = tinyShape, seed = 1): void {
  const { architecture, layers, width, heads, headsKv, ff } = shape;
  const random = createRandom(seed);
  const matrix = (name: string, sizes: readonly number[], size: number): GgufTensorToWrite => ({
    name,
    shape: sizes,
    data: draw(random.next, sizes, size),
  });
  const ones = (name: string): GgufTensorToWrite => ({
    name,
    shape: [width],
    data: float32Bytes(Array.from({ length: width }, () => 1)),
  });
  const keys: GgufKey[] = [
    ['general.architecture', 'text', architecture],
    ['general.name', 'text', 'Tiny'],
    [`${architecture}.block_count`, 'uint32', layers],
    [`${architecture}.context_length`, 'uint32', 128],
    [`${architecture}.embedding_length`, 'uint32', width],
    [`${architecture}.feed_forward_length`, 'uint32', ff],
    [`${architecture}.attention.head_count`, 'uint32', heads],
    [`${architecture}.attention.head_count_kv`, 'uint32', headsKv],
    [`${architecture}.attention.layer_norm_rms_epsilon`, 'float32', 1e-5],
    ['tokenizer.chat_template', 'text', chatMl],
    [
      'tokenizer.ggml.tokens',
      'texts',
      Array.from({ length: vocabulary }, (_, id) => (id === 2 ? '<|im_end|>' : `t${id}`)),
    ],
    ['tokenizer.ggml.eos_token_id', 'uint32', 2],
  ];
  const tensors = [matrix('token_embd.weight', [width, vocabulary], 0.5), ones('output_norm.weight')];
  for (let layer = 0; layer < layers; layer += 1) {
    tensors.push(ones(`blk.${layer}.attn_norm.weight`), ones(`blk.${layer}.ffn_norm.weight`));
    for (const [module, sizes] of Object.entries(tinyLinears(shape))) {
      tensors.push(matrix(`blk.${layer}.${module}.weight`, sizes, 0.1));
    }
  }
  writeGguf(file, keys, tensors);
}

/** Writes an adapter for all linear layers of a base; `keys` are texts of its maker. */
export function writeTinyAdapter(
  file: string,
  shape: TinyShape = tinyShape,
  options: {
    readonly rank?: number;
    readonly seed?: number;
    readonly keys?: Readonly<Record<string, string>>;
  } = {},
): void {
  const { rank = 4, seed = 2, keys = {} } = options;
  const random = createRandom(seed);
  const tensors: GgufTensorToWrite[] = [];
  for (let layer = 0; layer < shape.layers; layer += 1) {
    for (const [module, [nIn, nOut]] of Object.entries(tinyLinears(shape))) {
      const name = `blk.${layer}.${module}.weight`;
      for (const [half, sizes] of [
        ['lora_a', [nIn, rank]],
        ['lora_b', [rank, nOut]],
      ] as const) {
        tensors.push({ name: `${name}.${half}`, shape: sizes, data: draw(random.next, sizes, 0.1) });
      }
    }
  }
  const texts = Object.entries(keys).map(([key, value]): GgufKey => [key, 'text', value]);
  const own: GgufKey[] = [
    ['general.type', 'text', 'adapter'],
    ['general.architecture', 'text', shape.architecture],
    ['adapter.type', 'text', 'lora'],
    ['adapter.lora.alpha', 'float32', 2 * rank],
  ];
  writeGguf(file, [...own, ...texts], tensors);
}

function draw(next: () => number, sizes: readonly number[], size: number): Buffer {
  const count = sizes.reduce((product, length) => product * length, 1);
  return float32Bytes(Array.from({ length: count }, () => (next() * 2 - 1) * size));
}
