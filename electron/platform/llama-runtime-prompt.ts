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
import { memoised } from '../core/util/memo.ts';

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

/** Texts of each sort that are remembered. */
const mostRemembered = 4_000;

/** The tokenizer with what it found out about texts that come back: system texts, answers, a template's own pieces. */
type Remembering = PromptTokenizer & {
  /** How many control tokens a text of the template has. */
  readonly countControl: (text: string) => number;
  readonly spellsSpecial: (text: string) => boolean;
};

/** Makes the encoder of one base. Throws `model-unsupported` for a template that cannot be parsed. */
export function createPromptEncoder(given: PromptTokenizer): PromptEncoder {
  const remember = <Result>(compute: (text: string) => Result): ((text: string) => Result) =>
    memoised(compute, mostRemembered);
  const plain = remember((text) => given.tokenize(text, false));
  const tokenizer: Remembering = {
    ...given,
    countControl: remember((text) => countControl(given.tokenize(text, true), given)),
    spellsSpecial: remember((text) => spellsSpecial(text, given)),
  };
  const template = parseTemplate(tokenizer.chatTemplate);
  const renderMarked = rememberRendered(template, tokenizer);
  const render = (messages: readonly Message[], addGenerationPrompt: boolean): Piece[] =>
    splitRendered(renderWithMarks(renderMarked, messages, addGenerationPrompt));

  return {
    encodePrompt: (messages) => tokenizePieces(render(messages, true), tokenizer),
    encodeText: (text) => [...plain(text)],
    endOfTurn: findEndOfTurn(render, tokenizer),
  };
}

type RenderMarked = (messages: readonly Message[], addGenerationPrompt: boolean) => string;

/** Marked messages differ in roles and outer white space alone: few are rendered anew, unless a template tells the time. */
function rememberRendered(template: Template, tokenizer: PromptTokenizer): RenderMarked {
  const render: RenderMarked = (messages, addGenerationPrompt) =>
    template.render({
      messages: [...messages],
      add_generation_prompt: addGenerationPrompt,
      bos_token: tokenizer.bosText,
      eos_token: tokenizer.eosText,
      enable_thinking: false,
    });
  if (tokenizer.chatTemplate.includes('strftime_now')) return render;
  const known = memoised((key) => {
    const [messages, addGenerationPrompt] = JSON.parse(key) as Parameters<RenderMarked>;
    return render(messages, addGenerationPrompt);
  });
  return (messages, addGenerationPrompt) => known(JSON.stringify([messages, addGenerationPrompt]));
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
  renderMarked: RenderMarked,
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
    return { rendered: renderMarked(marked, addGenerationPrompt), contents };
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
function tokenizePieces(pieces: readonly Piece[], tokenizer: Remembering): TokenId[] {
  const joined: TokenId[] = [];
  let run: Piece[] = [];
  const flush = (): void => {
    for (const token of tokenizeRun(run, tokenizer)) joined.push(token);
    run = [];
  };
  for (const piece of pieces) {
    if (piece.isContent && tokenizer.spellsSpecial(piece.text)) {
      flush();
      for (const token of tokenizer.tokenize(piece.text, false)) joined.push(token);
    } else {
      run.push(piece);
    }
  }
  flush();
  return joined;
}

function tokenizeRun(run: readonly Piece[], tokenizer: Remembering): TokenId[] {
  const whole = tokenizer.tokenize(run.map((piece) => piece.text).join(''), true);
  // A special token that neither side spells alone could arise at a border; then each piece is taken alone.
  const wanted = run
    .filter((piece) => !piece.isContent)
    .reduce((sum, piece) => sum + tokenizer.countControl(piece.text), 0);
  if (countControl(whole, tokenizer) === wanted) return whole;
  return run.flatMap((piece) => tokenizer.tokenize(piece.text, !piece.isContent));
}

function countControl(tokens: readonly TokenId[], tokenizer: PromptTokenizer): number {
  let count = 0;
  for (const token of tokens) if (tokenizer.isControl(token)) count += 1;
  return count;
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
