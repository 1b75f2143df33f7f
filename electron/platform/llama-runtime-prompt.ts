/**
 * One prompt for training, evaluation and chat: the GGUF's own chat template, rendered and tokenised.
 *
 * The template is rendered with private-use marks in place of the contents. What the template prints may become
 * special tokens; a content never does, whatever it spells.
 */
import { Template } from '@huggingface/jinja';
import { AppError } from '../contract/errors.ts';
import type { Message } from '../contract/entities/training.ts';
import type { TokenId } from '../core/dependencies.ts';

/** The part of a loaded model that the encoder needs. */
export type PromptTokenizer = {
  readonly chatTemplate: string;
  readonly bosText: string;
  readonly eosText: string;
  /** With `special` the text of a special token becomes that token, without it stays plain text. */
  readonly tokenize: (text: string, special: boolean) => TokenId[];
  readonly isControl: (token: TokenId) => boolean;
  readonly isEndOfGeneration: (token: TokenId) => boolean;
};

type Piece = { readonly text: string; readonly isContent: boolean };

/** What `createPromptEncoder` gives. */
export type PromptEncoder = {
  readonly encodePrompt: (messages: readonly Message[]) => TokenId[];
  readonly encodeText: (text: string) => TokenId[];
  /** The token with which the template ends an assistant's turn, or undefined when it prints none. */
  readonly endOfTurn: TokenId | undefined;
};

const markStart = '\uE000';
const markEnd = '\uE001';
const markPattern = /\uE000(\d+)\uE001/g;

/** Makes the encoder of one base. Throws `model-unsupported` for a template that cannot be parsed. */
export function createPromptEncoder(tokenizer: PromptTokenizer): PromptEncoder {
  const template = parseTemplate(tokenizer.chatTemplate);
  const render = (messages: readonly Message[], addGenerationPrompt: boolean): Piece[] =>
    splitRendered(renderWithMarks(template, tokenizer, messages, addGenerationPrompt));

  return {
    encodePrompt: (messages) => tokenizePieces(render(messages, true), tokenizer),
    encodeText: (text) => tokenizer.tokenize(text, false),
    endOfTurn: findEndOfTurn(render, tokenizer),
  };
}

function parseTemplate(source: string): Template {
  try {
    return new Template(source);
  } catch (cause) {
    throw new AppError('model-unsupported', 'The chat template of this model cannot be read.', {
      hint: 'Choose an instruct model with a standard chat template.',
      cause,
    });
  }
}

/** White space at the ends stays outside the mark, so that a template's `trim` works as on the plain text. */
function renderWithMarks(
  template: Template,
  tokenizer: PromptTokenizer,
  messages: readonly Message[],
  addGenerationPrompt: boolean,
): { rendered: string; contents: string[] } {
  const contents: string[] = [];
  const marked = messages.map(({ role, content }) => {
    const core = content.trim();
    if (core === '') return { role, content };
    const start = content.indexOf(core);
    contents.push(core);
    const mark = `${markStart}${contents.length - 1}${markEnd}`;
    return { role, content: content.slice(0, start) + mark + content.slice(start + core.length) };
  });
  try {
    const rendered = template.render({
      messages: marked,
      add_generation_prompt: addGenerationPrompt,
      bos_token: tokenizer.bosText,
      eos_token: tokenizer.eosText,
      enable_thinking: false,
    });
    return { rendered, contents };
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AppError(
      'model-unsupported',
      `The chat template of this model refused the messages: ${detail}`,
      {
        cause,
      },
    );
  }
}

function splitRendered({ rendered, contents }: { rendered: string; contents: readonly string[] }): Piece[] {
  const pieces: Piece[] = [];
  let position = 0;
  for (const match of rendered.matchAll(markPattern)) {
    const content = contents[Number(match[1])];
    if (content === undefined) continue;
    if (match.index > position)
      pieces.push({ text: rendered.slice(position, match.index), isContent: false });
    pieces.push({ text: content, isContent: true });
    position = match.index + match[0].length;
  }
  if (position < rendered.length) pieces.push({ text: rendered.slice(position), isContent: false });
  return pieces;
}

/**
 * Harmless contents are tokenised together with the template's text around them, which gives the very tokens of
 * the whole rendered string; a content that spells a special token is tokenised alone, as plain text.
 */
function tokenizePieces(pieces: readonly Piece[], tokenizer: PromptTokenizer): TokenId[] {
  const joined: TokenId[] = [];
  let run: Piece[] = [];
  const flush = (): void => {
    for (const token of tokenizeRun(run, tokenizer)) joined.push(token);
    run = [];
  };
  for (const piece of pieces) {
    if (piece.isContent && spellsSpecial(piece.text, tokenizer)) {
      flush();
      for (const token of tokenizer.tokenize(piece.text, false)) joined.push(token);
    } else {
      run.push(piece);
    }
  }
  flush();
  return joined;
}

function tokenizeRun(run: readonly Piece[], tokenizer: PromptTokenizer): TokenId[] {
  const whole = tokenizer.tokenize(run.map((piece) => piece.text).join(''), true);
  // A special token that neither side spells alone could arise at a border; then each piece is taken alone.
  const wanted = run
    .filter((piece) => !piece.isContent)
    .reduce((sum, piece) => sum + countControl(tokenizer.tokenize(piece.text, true), tokenizer), 0);
  if (countControl(whole, tokenizer) === wanted) return whole;
  return run.flatMap((piece) => tokenizer.tokenize(piece.text, !piece.isContent));
}

function countControl(tokens: readonly TokenId[], tokenizer: PromptTokenizer): number {
  return tokens.filter((token) => tokenizer.isControl(token)).length;
}

function spellsSpecial(text: string, tokenizer: PromptTokenizer): boolean {
  const plain = tokenizer.tokenize(text, false);
  const special = tokenizer.tokenize(text, true);
  return plain.length !== special.length || plain.some((token, index) => token !== special[index]);
}

/** The first end-of-generation token that the template prints after an assistant's content. */
function findEndOfTurn(
  render: (messages: readonly Message[], addGenerationPrompt: boolean) => Piece[],
  tokenizer: PromptTokenizer,
): TokenId | undefined {
  const pieces = render(
    [
      { role: 'system', content: 'a' },
      { role: 'user', content: 'b' },
      { role: 'assistant', content: 'c' },
    ],
    false,
  );
  const last = pieces.findLastIndex((piece) => piece.isContent);
  const tail = pieces.slice(last + 1).map((piece) => piece.text);
  return tokenizer.tokenize(tail.join(''), true).find((token) => tokenizer.isEndOfGeneration(token));
}
