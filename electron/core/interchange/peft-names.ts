/**
 * How PEFT and GGUF name the linear layers, and how the rows of q and k lie in each.
 *
 * The conversion of a llama to GGUF lays the two halves of every head of q and k side by side (value i of the first
 * half, then value i of the second), because rotary positions are computed on neighbours there. So do the rows of
 * LoRA's B, which are the rows of the weight; A is untouched. qwen2 and qwen3 rotate halves and are not rearranged.
 */
import type { BaseShape, LinearName } from './lora.ts';

const moduleNames: Readonly<Record<LinearName, string>> = {
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};

/** `model.layers.3.self_attn.q_proj`: a linear layer as Transformers names it. */
export function toPeftModule(layer: number, module: LinearName): string {
  return `model.layers.${layer}.${moduleNames[module]}`;
}

/** The last part of it, as `target_modules` has it. */
export function toTargetModule(module: LinearName): string {
  return moduleNames[module].split('.')[1] ?? '';
}

/** The place of a tensor of `adapter_model.safetensors`, or undefined for one that is no pair of a linear layer. */
export function fromPeftTensor(
  name: string,
): { layer: number; module: LinearName; half: 'A' | 'B'; path: string } | undefined {
  const match =
    /^(?:base_model\.model\.)?(model\.layers\.(\d{1,4})\.((?:self_attn|mlp)\.[a-z]+_proj))\.lora_([AB])(?:\.default)?\.weight$/u.exec(
      name,
    );
  if (match === null) return undefined;
  const [, path = '', layer = '', hfName = '', half = ''] = match;
  const found = Object.entries(moduleNames).find(([, known]) => known === hfName);
  if (found === undefined) return undefined;
  // The keys of `moduleNames` are LinearName.
  return { layer: Number(layer), module: found[0] as LinearName, half: half === 'A' ? 'A' : 'B', path };
}

/** How many heads' rows are rearranged between the two formats; null where they lie alike. */
export function headsToRearrange(base: BaseShape, module: LinearName): number | null {
  if (base.architecture !== 'llama') return null;
  if (module === 'attn_q') return base.heads;
  if (module === 'attn_k') return base.headsKv;
  return null;
}

/** Rows of B from PEFT's order to that of the GGUF. B is [nOut, rank]. */
export function toGgufRows(b: Float32Array, rank: number, heads: number): Float32Array {
  return moveRows(b, rank, heads, (head, size, half, index) => [
    head * size + index * 2 + half,
    head * size + (half * size) / 2 + index,
  ]);
}

/** Rows of B from the GGUF's order to that of PEFT. */
export function toPeftRows(b: Float32Array, rank: number, heads: number): Float32Array {
  return moveRows(b, rank, heads, (head, size, half, index) => [
    head * size + (half * size) / 2 + index,
    head * size + index * 2 + half,
  ]);
}

/** `places` gives the row to write and the row to read, for value `index` of a half of a head of `size` rows. */
function moveRows(
  b: Float32Array,
  rank: number,
  heads: number,
  places: (head: number, size: number, half: number, index: number) => readonly [to: number, from: number],
): Float32Array {
  const moved = new Float32Array(b.length);
  const size = b.length / rank / heads;
  for (let head = 0; head < heads; head += 1) {
    for (let half = 0; half < 2; half += 1) {
      for (let index = 0; index < size / 2; index += 1) {
        const [to, from] = places(head, size, half, index);
        moved.set(b.subarray(from * rank, (from + 1) * rank), to * rank);
      }
    }
  }
  return moved;
}
