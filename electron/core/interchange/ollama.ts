/**
 * The Modelfile of an Ollama model.
 *
 * Its TEMPLATE is made from what the base's own chat template prints: the texts around system, user and assistant turns,
 * put together again as a Go template. Where a template does more than that (Mistral's, which moves the system text to
 * the last turn), none is written and Ollama takes the one that it finds in the base.
 */
import { Template } from '@huggingface/jinja';
import type { Message } from '../../contract/entities/training.ts';
import { findNumber, findText, readGgufHeader, type GgufHeader } from '../models/gguf-header.ts';

/** The texts that a chat template prints around contents. */
export type TurnTexts = {
  readonly beforeSystem: string;
  readonly afterSystem: string;
  /** Between a question and the answer that follows it in the history. */
  readonly afterUser: string;
  readonly afterAssistant: string;
  /** After the last question, up to where the answer begins. */
  readonly opening: string;
};

export type ChatFormat = { readonly turns: TurnTexts | null; readonly stops: readonly string[] };

/** The chat format of a base model file. */
export function readChatFormat(file: string): ChatFormat {
  const header = readGgufHeader(file, { arrays: ['tokenizer.ggml.tokens'] });
  const template = findText(header, 'tokenizer.chat_template');
  const tokens = { bos: tokenText(header, 'bos_token_id'), eos: tokenText(header, 'eos_token_id') };
  const found = template === undefined ? null : findTurnTexts(template, tokens);
  const turns = found === null || !addsBos(header) ? found : withoutBos(found, tokens.bos);
  return { turns, stops: stopsOf(turns, tokens.eos) };
}

/** The texts around the turns, or null for a template that is not made of such texts. */
export function findTurnTexts(
  template: string,
  tokens: { readonly bos: string; readonly eos: string },
): TurnTexts | null {
  const mark = (name: string): string => `\uE000${name}\uE001`;
  const [s, u, a, v, b, w] = ['s', 'u', 'a', 'v', 'b', 'w'].map(mark) as [
    ...[string, string, string],
    ...[string, string, string],
  ];
  const render = (messages: readonly Message[]): string =>
    new Template(template).render({
      messages: messages.map((each) => ({ ...each })),
      add_generation_prompt: true,
      bos_token: tokens.bos,
      eos_token: tokens.eos,
      enable_thinking: false,
    });
  try {
    const first: Message[] = [
      { role: 'system', content: s },
      { role: 'user', content: u },
    ];
    const second: Message[] = [...first, { role: 'assistant', content: a }, { role: 'user', content: v }];
    const third: Message[] = [...second, { role: 'assistant', content: b }, { role: 'user', content: w }];
    const parts = cut(render(second), [s, u, a, v]);
    if (parts === null) return null;
    const [before = '', afterSystem = '', afterUser = '', afterAssistant = '', opening = ''] = parts;
    const turns = { beforeSystem: before, afterSystem, afterUser, afterAssistant, opening };
    const same = [first, second, third].every(
      (messages) => renderTurns(turns, messages) === render(messages),
    );
    return same ? turns : null;
  } catch {
    return null;
  }
}

/** What the texts make of a conversation of system, then user and assistant in turn, that ends with the user. */
export function renderTurns(turns: TurnTexts, messages: readonly Message[]): string {
  return messages
    .map(({ role, content }, index) => {
      if (role === 'system') return turns.beforeSystem + content + turns.afterSystem;
      if (role === 'assistant') return content + turns.afterAssistant;
      return content + (index === messages.length - 1 ? turns.opening : turns.afterUser);
    })
    .join('');
}

/** The same as a Go template over `.Messages`. */
export function toGoTemplate(turns: TurnTexts): string {
  const { beforeSystem, afterSystem, afterUser, afterAssistant, opening } = turns;
  return [
    '{{- range $index, $message := .Messages }}',
    '{{- $last := eq (len (slice $.Messages $index)) 1 }}',
    `{{- if eq .Role "system" }}${goText(beforeSystem)}{{ .Content }}${goText(afterSystem)}`,
    `{{- else if eq .Role "user" }}{{ .Content }}{{ if $last }}${goText(opening)}{{ else }}${goText(afterUser)}{{ end }}`,
    `{{- else if eq .Role "assistant" }}{{ .Content }}{{ if not $last }}${goText(afterAssistant)}{{ end }}`,
    '{{- end }}',
    '{{- end }}',
  ].join('\n');
}

/** The whole Modelfile. `from` and `adapter` are paths as the Modelfile's folder sees them. */
export function toModelfile(input: {
  readonly from: string;
  readonly adapter: string | null;
  readonly systemText: string;
  readonly format: ChatFormat;
  readonly comments: readonly string[];
}): string {
  const { turns, stops } = input.format;
  return [
    ...input.comments.flatMap((comment) => comment.split('\n').map((line) => `# ${line}`)),
    `FROM ${quoted(input.from)}`,
    ...(input.adapter === null ? [] : [`ADAPTER ${quoted(input.adapter)}`]),
    `SYSTEM """${input.systemText}"""`,
    ...(turns === null ? [] : [`TEMPLATE """${toGoTemplate(turns)}"""`]),
    ...stops.map((stop) => `PARAMETER stop ${JSON.stringify(stop)}`),
    'PARAMETER temperature 0',
    '',
  ].join('\n');
}

/** As a Go string in an action: white space and braces stay as they are, whatever trims around them. */
function goText(text: string): string {
  return text === '' ? '' : `{{ ${JSON.stringify(text)} }}`;
}

function quoted(path: string): string {
  return /[\s"#]/u.test(path) ? JSON.stringify(path) : path;
}

/** The texts between marks that come in this order, once each; null otherwise. */
function cut(rendered: string, marks: readonly string[]): string[] | null {
  const parts: string[] = [];
  let rest = rendered;
  for (const mark of marks) {
    const pieces = rest.split(mark);
    if (pieces.length !== 2) return null;
    parts.push(pieces[0] ?? '');
    rest = pieces[1] ?? '';
  }
  return [...parts, rest];
}

/** Ollama's tokenizer puts the beginning-of-text token there by itself where the GGUF asks for it. */
function addsBos(header: GgufHeader): boolean {
  const said = header.keys.get('tokenizer.ggml.add_bos_token');
  return typeof said === 'boolean' ? said : findText(header, 'tokenizer.ggml.model') === 'llama';
}

function withoutBos(turns: TurnTexts, bos: string): TurnTexts {
  const { beforeSystem } = turns;
  const hasBos = bos !== '' && beforeSystem.startsWith(bos);
  return hasBos ? { ...turns, beforeSystem: beforeSystem.slice(bos.length) } : turns;
}

function stopsOf(turns: TurnTexts | null, eos: string): string[] {
  const stops = new Set<string>();
  if (eos !== '') stops.add(eos);
  // The mark that ends a turn, and the one that begins the next, where they look like special tokens.
  for (const text of [turns?.afterAssistant ?? '']) {
    for (const match of text.matchAll(/<\|[^|<>\s]+\|>|<\/?s>/gu)) stops.add(match[0]);
  }
  return [...stops];
}

function tokenText(header: GgufHeader, key: string): string {
  const id = findNumber(header, `tokenizer.ggml.${key}`);
  const tokens = header.keys.get('tokenizer.ggml.tokens');
  const items = typeof tokens === 'object' ? tokens.items : null;
  const text = id === undefined ? undefined : items?.[id];
  return typeof text === 'string' ? text : '';
}
