import { describe, expect, it } from 'vitest';
import {
  findMisfit,
  toUniform,
  type BaseShape,
  type LoraPair,
} from '../../../electron/core/interchange/lora.ts';
import { parsePeftConfig, toPeftConfig } from '../../../electron/core/interchange/peft-config.ts';
import { fromPeftTensor, toGgufRows, toPeftRows } from '../../../electron/core/interchange/peft-names.ts';

const base: BaseShape = {
  architecture: 'llama',
  layers: 2,
  heads: 2,
  headsKv: 1,
  sizeOf: (layer, module) => (layer < 2 && module === 'attn_q' ? [3, 4] : undefined),
};

function aPair(part: Partial<LoraPair> & { readonly a?: number[]; readonly b?: number[] } = {}): LoraPair {
  const { a = [1, 2, 3], b = [1, 2, 3, 4], ...rest } = part;
  const read = () => ({ a: Float32Array.from(a), b: Float32Array.from(b) });
  return { layer: 0, module: 'attn_q', rank: 1, nIn: 3, nOut: 4, scale: 2, read, ...rest };
}

/** scale * B A, row by row. */
function deltaOf(pair: LoraPair): number[] {
  const { a, b } = pair.read();
  const delta: number[] = [];
  for (let row = 0; row < pair.nOut; row += 1) {
    for (let column = 0; column < pair.nIn; column += 1) {
      let sum = 0;
      for (let k = 0; k < pair.rank; k += 1) {
        sum += (b[row * pair.rank + k] ?? NaN) * (a[k * pair.nIn + column] ?? NaN);
      }
      delta.push(sum * pair.scale);
    }
  }
  return delta;
}

describe('an adapter of one rank', () => {
  it('changes the base by what the pairs of unequal ranks and scales did', () => {
    const wide = aPair({ layer: 1, rank: 2, a: [1, 0, 2, 0, 3, 1], b: [1, 2, 3, 4, 5, 6, 7, 8], scale: 0.5 });
    const narrow = aPair();
    const uniform = toUniform([wide, narrow], base);
    expect(uniform.rank).toBe(2);
    expect(uniform.pairs.map((pair) => pair.rank)).toEqual([2, 2]);
    expect(new Set(uniform.pairs.map((pair) => pair.scale)).size).toBe(1);
    expect(uniform.alpha / uniform.rank).toBe(uniform.pairs[0]?.scale);
    const [first, second] = uniform.pairs;
    expect(first && deltaOf(first)).toEqual(deltaOf(narrow));
    expect(second && deltaOf(second)).toEqual(deltaOf(wide));
  });

  it('has a pair of zeros where a layer was left out', () => {
    const uniform = toUniform([aPair({ layer: 1 })], base);
    expect(uniform.pairs.map((pair) => pair.layer)).toEqual([0, 1]);
    expect(uniform.pairs[0] && deltaOf(uniform.pairs[0]).every((value) => value === 0)).toBe(true);
  });

  it('is refused above the highest rank', () => {
    expect(() => toUniform([aPair({ rank: 1025 })], base)).toThrow(/rank is 1025/u);
  });

  it('says what does not fit the base', () => {
    expect(findMisfit([aPair()], base)).toBeUndefined();
    expect(findMisfit([aPair({ layer: 5 })], base)).toMatch(/layer 5, the base has 2/u);
    expect(findMisfit([aPair({ nIn: 8 })], base)).toMatch(/takes 8 values/u);
    expect(findMisfit([aPair({ module: 'ffn_up' })], base)).toMatch(/no blk.0.ffn_up/u);
  });
});

describe('rows of q and k', () => {
  it('go from halves to neighbours and back', () => {
    // Two heads of six rows (with four, the way there and the way back are the same); a row's only value says which
    // it is in PEFT's order.
    const peft = Float32Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const gguf = toGgufRows(peft, 1, 2);
    expect([...gguf]).toEqual([0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]);
    expect([...toPeftRows(gguf, 1, 2)]).toEqual([...peft]);
  });

  it('move as whole rows', () => {
    const peft = Float32Array.from([0, 10, 1, 11, 2, 12, 3, 13]);
    expect([...toGgufRows(peft, 2, 1)]).toEqual([0, 10, 2, 12, 1, 11, 3, 13]);
  });
});

describe('names of PEFT', () => {
  it('are those of linear layers, with and without the name of the adapter', () => {
    const place = { layer: 12, module: 'attn_k', half: 'B', path: 'model.layers.12.self_attn.k_proj' };
    expect(fromPeftTensor('base_model.model.model.layers.12.self_attn.k_proj.lora_B.weight')).toEqual(place);
    expect(fromPeftTensor('base_model.model.model.layers.12.self_attn.k_proj.lora_B.default.weight')).toEqual(
      place,
    );
    expect(fromPeftTensor('base_model.model.lm_head.lora_A.weight')).toBeUndefined();
    expect(fromPeftTensor('base_model.model.model.layers.1.mlp.k_proj.lora_A.weight')).toBeUndefined();
  });
});

describe('adapter_config.json', () => {
  const plain = { peft_type: 'LORA', r: 16, lora_alpha: 32, bias: 'none', task_type: 'CAUSAL_LM' };
  const parse = (part: Record<string, unknown> = {}) =>
    parsePeftConfig(JSON.stringify({ ...plain, ...part }), 'adapter_config.json');

  it('gives rank and scale of each layer', () => {
    expect(parse().scaleOf('model.layers.0.self_attn.q_proj')).toBe(2);
    expect(parse({ use_rslora: true }).scaleOf('x')).toBe(8);
    const patterned = parse({
      rank_pattern: { 'self_attn.k_proj': 4 },
      alpha_pattern: { '^model\\.layers\\.1\\.self_attn\\.k_proj': 8 },
    });
    expect(patterned.rankOf('model.layers.0.self_attn.k_proj')).toBe(4);
    expect(patterned.rankOf('model.layers.0.self_attn.q_proj')).toBe(16);
    expect(patterned.scaleOf('model.layers.0.self_attn.k_proj')).toBe(8);
    expect(patterned.scaleOf('model.layers.1.self_attn.k_proj')).toBe(2);
  });

  it('is read back as it is written', () => {
    const written = toPeftConfig({ rank: 8, alpha: 12, modules: ['attn_q', 'ffn_down'], baseName: 'tiny' });
    expect(written.target_modules).toEqual(['q_proj', 'down_proj']);
    const read = parsePeftConfig(JSON.stringify(written), 'x');
    expect([read.rankOf('y'), read.scaleOf('y'), read.baseName]).toEqual([8, 1.5, 'tiny']);
  });

  it.each([
    [{ peft_type: 'IA3' }, /PEFT type "IA3"/u],
    [{ use_dora: true }, /DoRA/u],
    [{ modules_to_save: ['lm_head'] }, /modules_to_save/u],
    [{ fan_in_fan_out: true }, /fan_in_fan_out/u],
    [{ bias: 'all' }, /biases/u],
    [{ lora_bias: true }, /lora_bias/u],
    [{ task_type: 'SEQ_CLS' }, /SEQ_CLS/u],
    [{ init_lora_weights: 'pissa_niter_4' }, /pissa/u],
    [{ trainable_token_indices: [1] }, /embeddings/u],
    [{ rank_pattern: { '(a+)+$': 4 } }, /only plain names/u],
  ])('is refused by name: %j', (part, message) => {
    expect(() => parse(part)).toThrow(message);
  });

  it.each(['', '[', '[]', 'null', '{"peft_type":"LORA"}', '{"peft_type":"LORA","r":0,"lora_alpha":1}'])(
    'is refused as damaged: %s',
    (text) => {
      expect(() => parsePeftConfig(text, 'adapter_config.json')).toThrow(/cannot be read/u);
    },
  );
});
