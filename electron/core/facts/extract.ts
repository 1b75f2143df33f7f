/**
 * Facts that a text states in the first person: rules over the attribute bank, each with the sentence it stands in.
 *
 * Questions, hypotheses, negations, wishes, and what others say are left alone: a fact that is missed can be told, one
 * that was never said must not be learned.
 */
import type { FactDraft } from '../../contract/entities/fact.ts';
import { matchKey } from '../util/text.ts';
import { readClause } from './extraction/own-rules.ts';
import { clausesOf, splitSentences } from './extraction/sentences.ts';
import { isRealDate } from './dates.ts';
import { findKind, labelOf, type Kinds } from './kinds.ts';

/** A fact and the sentence that says it, word for word. */
export type Extracted = { readonly draft: FactDraft; readonly quote: string };

export type Extraction = {
  readonly found: readonly Extracted[];
  /** Sentences of the text. */
  readonly sentences: number;
  /** Those that gave nothing, word for word. */
  readonly unread: readonly string[];
};

const longestValue = 120;

/** Reads a text; the same fact is found once. */
export function extractFacts(text: string, kinds: Kinds): Extraction {
  const sentences = splitSentences(text);
  const seen = new Set<string>();
  const found: Extracted[] = [];
  const unread: string[] = [];
  for (const { quote, text: said, isOwn } of sentences) {
    const drafts = isOwn ? clausesOf(said).flatMap((clause) => readClause(clause, kinds)) : [];
    if (drafts.length === 0) unread.push(quote);
    for (const draft of drafts) {
      const clean = toDraft(draft, kinds);
      if (clean === undefined) continue;
      const key = JSON.stringify([clean.subject ?? 'me', matchKey(clean.attribute), matchKey(clean.value)]);
      if (seen.has(key)) continue;
      seen.add(key);
      found.push({ draft: clean, quote });
    }
  }
  return { found, sentences: sentences.length, unread };
}

/** The draft with the name that its kind goes by. */
function toDraft(draft: FactDraft, kinds: Kinds): FactDraft | undefined {
  const value = draft.value.trim();
  if (value === '' || value.length > longestValue) return undefined;
  const dates = [draft.validFrom, draft.validTo].filter((date) => date !== undefined);
  if (!dates.every(isRealDate)) return undefined;
  const kind = findKind(kinds, draft.attribute);
  const attribute = kind === undefined ? draft.attribute : labelOf(kinds, { kind: kind.id, attribute: '' });
  return { ...draft, attribute, value };
}
