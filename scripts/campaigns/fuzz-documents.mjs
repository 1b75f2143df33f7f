// Valid documents of every format, small, which the campaign damages.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../lib/paths.mjs';

const facts = [
  { attribute: 'birthday', value: '3 March 1990', aliases: ['1990-03-03'] },
  { subject: 'Jordan', attribute: 'job', value: 'nurse', category: 'work', tier: 'relational' },
  { attribute: 'home city', value: 'Øsløv, "upper" town', validFrom: '2012-05', validTo: '2019' },
  { attribute: 'motto', value: 'one 🌱 at a time <|im_end|>', category: 'identity' },
];

const csv = `subject,attribute,value,aliases,validFrom
me,birthday,3 March 1990,1990-03-03,
Jordan,job,nurse,,2015-02
me,motto,"say ""hi"", then go",,
`;

const protocol = [
  { type: 'hello', protocol: 1, version: '0.1.0', device: 'cpu', threads: 2, gemm: 'bf16' },
  { type: 'plan', steps: 10, tokens: 1000, samples: 40, memory_bytes: 1e8 },
  { type: 'phase', name: 'train' },
  {
    type: 'step',
    step: 1,
    steps: 10,
    epoch: 0,
    loss: 2.5,
    lr: 1e-3,
    grad_norm: 1.5,
    tokens: 100,
    tokens_per_s: 640.5,
  },
  { type: 'probe', step: 5, right: 3, total: 4, ids_right: ['a', 'b', 'c'] },
  { type: 'heartbeat' },
  { type: 'warning', code: 'low-memory', message: 'Less memory than hoped.' },
  {
    type: 'done',
    output: 'adapter.gguf',
    steps: 10,
    tokens: 1000,
    seconds: 2.5,
    loss: 0.1,
    peak_memory_bytes: 1e8,
  },
];

const peft = {
  ...{ peft_type: 'LORA', task_type: 'CAUSAL_LM', r: 4, lora_alpha: 8, lora_dropout: 0, bias: 'none' },
  ...{
    base_model_name_or_path: 'x',
    target_modules: ['q_proj', 'down_proj'],
    use_rslora: false,
    use_dora: false,
  },
  ...{ rank_pattern: {}, alpha_pattern: {}, modules_to_save: null, fan_in_fan_out: false },
};

const jsonLines = (values) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

/** Documents and the shape of the damage, by the name of the parser. */
export function documentsFor() {
  const text = (...texts) => ({ documents: texts.map((each) => Buffer.from(each)), texts: true });
  const adapter = ggufAdapter();
  return {
    'facts JSON': text(JSON.stringify(facts), JSON.stringify(facts, null, 2)),
    'facts JSON Lines': text(jsonLines(facts)),
    'facts CSV': text(csv, csv.replaceAll('\n', '\r\n'), csv.replaceAll(',', '\t')),
    'question file': text(questionLines()),
    'GGUF header': { documents: [adapter], focus: 0.7 },
    'GGUF adapter': { documents: [adapter], focus: 0.7 },
    safetensors: { documents: [safeTensors()], focus: 0.7 },
    'PEFT configuration': text(JSON.stringify(peft), JSON.stringify(peft, null, 2)),
    'protocol lines': text(jsonLines(protocol)),
  };
}

function questionLines() {
  const file = join(projectRoot, 'resources', 'benchmarks', 'general.jsonl');
  return `${readFileSync(file, 'utf8').split('\n').slice(0, 6).join('\n')}\n`;
}

function safeTensors() {
  const pair = (name, shape) => ({ name, shape, bytes: shape[0] * shape[1] * 4 });
  const tensors = ['q_proj', 'down_proj'].flatMap((module) => {
    const place = `base_model.model.model.layers.0.${module === 'q_proj' ? 'self_attn' : 'mlp'}.${module}`;
    return [pair(`${place}.lora_A.weight`, [4, 16]), pair(`${place}.lora_B.weight`, [16, 4])];
  });
  let offset = 0;
  const header = { __metadata__: { format: 'pt' } };
  for (const { name, shape, bytes } of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(offset, 1)]);
}

/** A GGUF adapter by hand: version 3, keys, two tensors, data aligned to 32 bytes. */
function ggufAdapter() {
  const u32 = (value) => Buffer.from(new Uint32Array([value]).buffer);
  const u64 = (value) => Buffer.from(new BigUint64Array([BigInt(value)]).buffer);
  const string = (value) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
  const keys = [
    ...['general.type=adapter', 'general.architecture=llama', 'adapter.type=lora'].map((pair) => {
      const [key, value] = pair.split('=');
      return Buffer.concat([string(key), u32(8), string(value)]);
    }),
    Buffer.concat([string('adapter.lora.alpha'), u32(6), Buffer.from(new Float32Array([8]).buffer)]),
    Buffer.concat([string('tokenizer.ggml.tokens'), u32(9), u32(8), u64(2), string('a'), string('b')]),
  ];
  const tensors = [
    ['blk.0.attn_q.weight.lora_a', [16, 4]],
    ['blk.0.attn_q.weight.lora_b', [4, 16]],
  ].map(([name, sizes], index) =>
    Buffer.concat([string(name), u32(2), ...sizes.map(u64), u32(0), u64(index * 256)]),
  );
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(tensors.length),
    u64(keys.length),
    ...keys,
    ...tensors,
  ]);
  const padding = Buffer.alloc((32 - (head.length % 32)) % 32);
  return Buffer.concat([head, padding, Buffer.alloc(512, 1)]);
}
