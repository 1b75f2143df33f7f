import { describe, expect, it } from 'vitest';
import type { Message } from '../../../electron/contract/entities/training.ts';
import {
  findTurnTexts,
  renderTurns,
  toGoTemplate,
  toModelfile,
} from '../../../electron/core/interchange/ollama.ts';

const chatMl =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
const llama3 =
  "{{ bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";
const mistral =
  "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ '[INST] ' }}{% if loop.last %}{{ messages[0]['content'] + '\n\n' }}{% endif %}{{ message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token }}{% endif %}{% endfor %}";
const tokens = { bos: '<|begin|>', eos: '<|end|>' };

const talk: readonly Message[] = [
  { role: 'system', content: 'S {{ .Content }} "quoted"' },
  { role: 'user', content: 'one' },
  { role: 'assistant', content: 'two' },
  { role: 'user', content: 'three' },
];

/** The few actions of Go's templates that ours are made of, over one conversation. */
function runGo(template: string, messages: readonly Message[]): string {
  const strings: string[] = [];
  const plain = template.replace(/\{\{ ("(?:[^"\\]|\\.)*") \}\}/gu, (_all, text: string) => {
    strings.push(JSON.parse(text) as string);
    return `<<${strings.length - 1}>>`;
  });
  const of = (role: string): string => {
    const match = new RegExp(`eq .Role "${role}" \\}\\}(.*?)\\n`, 'u').exec(plain);
    if (match?.[1] === undefined) throw new Error(`nothing for ${role}`);
    return match[1];
  };
  const text = messages
    .map(({ role, content }, index) => {
      const last = index === messages.length - 1;
      return of(role)
        .replace(/\{\{ if \$last \}\}(.*?)\{\{ else \}\}(.*?)\{\{ end \}\}/u, last ? '$1' : '$2')
        .replace(/\{\{ if not \$last \}\}(.*?)\{\{ end \}\}/u, last ? '' : '$1')
        .replace(/<<(\d+)>>/gu, (_all, place: string) => strings[Number(place)] ?? '')
        .replace('{{ .Content }}', () => content);
    })
    .join('');
  return text;
}

describe('the template of a Modelfile', () => {
  it('prints what ChatML prints', () => {
    const turns = findTurnTexts(chatMl, tokens);
    if (turns === null) throw new Error('no turns');
    const wanted =
      talk.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`).join('') +
      '<|im_start|>assistant\n';
    expect(renderTurns(turns, talk)).toBe(wanted);
    expect(runGo(toGoTemplate(turns), talk)).toBe(wanted);
  });

  it('prints what the template of Llama 3 prints', () => {
    const turns = findTurnTexts(llama3, tokens);
    expect(turns?.beforeSystem).toBe('<|begin|><|start_header_id|>system<|end_header_id|>\n\n');
    expect(turns && runGo(toGoTemplate(turns), talk)).toContain(
      'three<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n',
    );
  });

  it('is left out where a template moves texts about, or cannot be read', () => {
    expect(findTurnTexts(mistral, tokens)).toBeNull();
    expect(findTurnTexts('{% for', tokens)).toBeNull();
    expect(findTurnTexts('always the same', tokens)).toBeNull();
  });

  it('stands in a Modelfile with base, adapter, system text and stops', () => {
    const turns = findTurnTexts(chatMl, tokens);
    const text = toModelfile({
      from: '/models/my base.gguf',
      adapter: './adapter.gguf',
      systemText: 'You are Keepsake.',
      format: { turns, stops: ['<|im_end|>'] },
      comments: ['two\nlines'],
    });
    expect(text.split('\n').slice(0, 5)).toEqual([
      '# two',
      '# lines',
      'FROM "/models/my base.gguf"',
      'ADAPTER ./adapter.gguf',
      'SYSTEM """You are Keepsake."""',
    ]);
    expect(text).toContain('PARAMETER stop "<|im_end|>"');
    expect(text.split('"""')).toHaveLength(5);
  });
});
