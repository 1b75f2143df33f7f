/**
 * The answer to a question about one attribute, without the sentence around it: "I live in Leipzig." is Leipzig. What the
 * rules do not understand stays as it was written.
 */
import type { FactDraft } from '../../contract/entities/fact.ts';
import { normaliseText } from '../util/text.ts';
import { extractFacts } from './extract.ts';
import { readKindValues } from './extraction/kind-values.ts';
import { findKind, type Kind, type Kinds } from './kinds.ts';

/** What a fact takes from an answer. */
export type AnswerPart = Pick<FactDraft, 'value' | 'validFrom' | 'validTo'>;

/** Opens an answer and says nothing of it: "It's ", "Her name is ", "I'm married to ". */
const openings =
  /^(?:(?:it|that|this|he|she|they)(?:'s|'re| is| are| was)(?: called| named)?|(?:my|his|her|its|their|our) names? (?:is|are|was)|(?:he|she|it|they) (?:goes|go) by|called|named|i(?:'m| am) (?:called|named|married to|engaged to|dating|with)|we call (?:him|her|it|them)|(?:i|we)(?:'m|'re| am| are)(?: (?:going|flying|travell?ing|heading|off) to)?) /iu;

const liking =
  /^(?:i|we) (?:(?:really|just|absolutely) )?(?:love|like|enjoy|prefer|adore|play|do)(?: (?:to|playing|doing|eating|drinking|reading))? /iu;
const howMuch = /,? (?:best|most|the most|the best|a lot|very much|best of all|above all)(?=[.!]*$)/iu;
/** Verbs with which an answer begins that leaves "I" out. */
const withoutSubject =
  /^(?:(?<was>born)|(?:live|lived|living|work|working|worked|study|studied|studying|play|speak|grew up|drive|moved)) /iu;

/** The values that an answer gives, with their dates; the whole answer where it is no sentence that is understood. */
export function readAnswer(attribute: string, answer: string, kinds: Kinds): readonly AnswerPart[] {
  const whole = normaliseText(answer);
  const kind = findKind(kinds, attribute);
  if (kind === undefined || whole === '') return [{ value: whole }];
  const text = whole.replace(/[’‘]/gu, "'");
  const parts = fromSentence(kind, text, kinds) ?? fromOpening(kind, text, kinds);
  const [first] = parts ?? [];
  if (parts === undefined || first === undefined) return [{ value: whole }];
  return kind.many ? parts : [first];
}

function fromSentence(kind: Kind, text: string, kinds: Kinds): AnswerPart[] | undefined {
  const bare = withoutSubject.exec(text);
  const said = bare === null ? text : `I ${bare.groups?.was === undefined ? '' : 'was '}${text}`;
  const parts = extractFacts(said, kinds).found.flatMap(({ draft }) => {
    if ((draft.subject ?? 'me') !== 'me' || findKind(kinds, draft.attribute) !== kind) return [];
    const { value, validFrom, validTo } = draft;
    return [
      { value, ...(validFrom !== undefined && { validFrom }), ...(validTo !== undefined && { validTo }) },
    ];
  });
  return parts.length === 0 ? undefined : parts;
}

/** What follows an opening, where the rest is a value of the kind up to its full stop. */
function fromOpening(kind: Kind, text: string, kinds: Kinds): AnswerPart[] | undefined {
  const rest = afterOwnName(kind, text, kinds) ?? afterOpening(kind, text);
  if (rest === undefined || rest === text) return undefined;
  const values = readKindValues(kind, rest, { called: true });
  const end = rest.replace(/[\s.!]+$/u, '');
  // A value that leaves words over was not what was meant; a date is written anew.
  const isWhole = kind.value === 'date' || values.every((value) => end.includes(value));
  const covered = values.join(' ').length + 12 >= end.length;
  if (values.length === 0 || !isWhole || !covered) return undefined;
  return values.map((value) => ({ value }));
}

/** "My first job was a paper round". */
function afterOwnName(kind: Kind, text: string, kinds: Kinds): string | undefined {
  const own = /^(?:my|our) (?<name>[^.,;:]{2,40}?)(?:'s| is| are| was| were|:) (?:as )?(?<rest>.+)$/iu.exec(
    text,
  )?.groups;
  return own?.name !== undefined && findKind(kinds, own.name) === kind ? own.rest : undefined;
}

/** Titles may begin like any sentence: "It's My Life", "I Love Paris". */
const titled = /^favourite-(?:film|book|band|song|game|restaurant)$/u;

function afterOpening(kind: Kind, text: string): string | undefined {
  if (titled.test(kind.id)) return undefined;
  const isLiked = kind.id.startsWith('favourite-') || kind.id === 'hobby';
  if (isLiked && liking.test(text)) return text.replace(liking, '').replace(howMuch, '');
  return openings.test(text) ? text.replace(openings, '') : undefined;
}
