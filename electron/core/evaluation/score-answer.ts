/**
 * Is an answer right? No judge: normalised, whole tokens, aliases, a guard against negated mentions.
 *
 * recall: holds an expected value, no forbidden one, and was ended by the model itself.
 * abstain: says so in one of the listed ways and holds no stored value.
 * general: holds an expected answer; with none given, right when it was handed over to the base.
 */
import type { AnsweredBy, Question } from '../../contract/entities/evaluation.ts';
import { normalisePhrase, saysToken, toAnswerTokens, type AnswerToken } from './normalise-answer.ts';

export type AnswerToScore = {
  readonly text: string;
  readonly answeredBy: AnsweredBy;
  readonly stopped: boolean;
};

export type ScoreContext = {
  /** Phrases of resources/abstention.json. */
  readonly abstentionPatterns: readonly string[];
  /** Every value that is stored, of whatever fact. */
  readonly storedValues: readonly string[];
};

const negations = new Set(
  'not never isnt arent wasnt werent dont doesnt didnt cannot cant wont neither nor without'.split(' '),
);
/** "no" negates only here; elsewhere it opens an answer ("No, your cat is Max"). */
const negatedByNo = new Set(['longer', 'more']);
const articles = new Set(['the', 'a', 'an']);
const guardReach = 6;

/** True when the answer is right. */
export function isRight(question: Question, answer: AnswerToScore, context: ScoreContext): boolean {
  switch (question.kind) {
    case 'recall':
      return answer.stopped && holdsExpected(question, answer.text) && !holdsForbidden(question, answer.text);
    case 'abstain':
      return (
        isAbstention(answer.text, context.abstentionPatterns) && !holdsStored(question, answer.text, context)
      );
    case 'general':
      if (question.expected.length === 0) {
        return answer.answeredBy === 'base' && !holdsForbidden(question, answer.text);
      }
      return holdsExpected(question, answer.text) && !holdsForbidden(question, answer.text);
  }
}

/** True when the answer says in a listed way that it does not know. */
export function isAbstention(text: string, patterns: readonly string[]): boolean {
  const phrase = ` ${normalisePhrase(text)} `;
  return patterns.some((pattern) => {
    const wanted = normalisePhrase(pattern);
    return wanted !== '' && phrase.includes(` ${wanted} `);
  });
}

/** True when one of the values is said, and not to deny it. */
export function holdsValue(text: string, values: readonly string[]): boolean {
  const tokens = toAnswerTokens(text);
  return values.some((value) => findSpans(tokens, text, value).some((span) => !span.negated));
}

function holdsExpected(question: Question, text: string): boolean {
  return holdsValue(text, question.expected);
}

/** A forbidden value inside an expected one ("York" in "New York") does not count. */
function holdsForbidden(question: Question, text: string): boolean {
  return holdsBeside(text, question.forbidden, { allowed: question.expected, asked: '' });
}

/**
 * True when one of the values is said, and not to deny it. What stands inside an allowed value does not count, nor does
 * what the question itself names.
 */
export function holdsBeside(
  text: string,
  values: readonly string[],
  { allowed, asked }: { readonly allowed: readonly string[]; readonly asked: string },
): boolean {
  const tokens = toAnswerTokens(text);
  const askedTokens = toAnswerTokens(asked);
  const inside = allowed.flatMap((value) => findSpans(tokens, text, value));
  return values.some((value) => {
    const spans = findSpans(tokens, text, value).filter(
      (span) => !span.negated && !inside.some((outer) => outer.start <= span.start && span.end <= outer.end),
    );
    return spans.length > 0 && findSpans(askedTokens, asked, value).length === 0;
  });
}

/** Values that the question itself names may be repeated. */
function holdsStored(question: Question, text: string, context: ScoreContext): boolean {
  const asked = toAnswerTokens(question.question);
  const values = context.storedValues.filter(
    (value) => findSpans(asked, question.question, value).length === 0,
  );
  return holdsValue(text, [...values, ...question.forbidden]);
}

type Span = { readonly start: number; readonly end: number; readonly negated: boolean };

function findSpans(tokens: readonly AnswerToken[], text: string, value: string): Span[] {
  const all = toAnswerTokens(value).map((token) => token.text);
  const first = all[0];
  const wanted = all.length > 1 && first !== undefined && articles.has(first) ? all.slice(1) : all;
  if (wanted.length === 0) {
    // A value of punctuation alone has no tokens.
    const plain = value.trim();
    return plain !== '' && text.includes(plain) ? [{ start: 0, end: 0, negated: false }] : [];
  }
  const spans: Span[] = [];
  for (let start = 0; start + wanted.length <= tokens.length; start += 1) {
    if (!wanted.every((word, offset) => saysToken(tokens[start + offset]?.text ?? '', word))) continue;
    spans.push({ start, end: start + wanted.length, negated: isNegated(tokens, start) });
  }
  return spans;
}

/** A negation shortly before, in the same clause. */
function isNegated(tokens: readonly AnswerToken[], start: number): boolean {
  const clause = tokens[start]?.clause;
  for (let index = start - 1; index >= Math.max(0, start - guardReach); index -= 1) {
    const token = tokens[index];
    if (token === undefined || token.clause !== clause) return false;
    if (negations.has(token.text)) return true;
    if (token.text === 'no' && negatedByNo.has(tokens[index + 1]?.text ?? '')) return true;
    if (token.text === 'but') return false;
  }
  return false;
}
