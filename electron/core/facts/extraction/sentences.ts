/** Splits a text into sentences and keeps those in which its writer may state something about themselves. */

/** A sentence as it was written, with what may be read in it. */
export type Sentence = {
  /** Word for word as in the text. */
  readonly quote: string;
  /** The same with plain apostrophes and quotation marks, without opening words that say nothing. */
  readonly text: string;
  /** False where it is no statement of its writer about themselves: it is shown, not read. */
  readonly isOwn: boolean;
};

/** Longer ones are no sentences that a person writes about themselves. */
const longestSentence = 600;

const abbreviation = /\b(?:dr|mr|mrs|ms|prof|st|e\.g|i\.e|etc|vs|no|approx|jr|sr|\p{Lu})\.$/iu;
const firstPerson = /\b(?:i|i'm|i've|i'd|my|me|mine|we|we're|we've|our)\b/iu;
const ownLabels = /^(?:me|i|myself|user|note|ps|p\.s\.|fact|facts|fyi|btw|about me|remember|reminder)$/iu;

/** All sentences of a text, with those marked in which somebody may say something about themselves. */
export function splitSentences(text: string): readonly Sentence[] {
  const sentences: Sentence[] = [];
  for (const line of text.split(/\r\n?|\n/u)) {
    if (line.trim() === '') continue;
    if (/^\s*>/u.test(line) || isLabelled(line)) {
      sentences.push({ quote: line.trim(), text: '', isOwn: false });
      continue;
    }
    const foreign = foreignSpans(line);
    for (const { start, end } of sentenceSpans(line)) {
      const quote = line.slice(start, end).trim();
      if (!/\p{L}/u.test(quote)) continue;
      const isForeign = foreign.some((span) => span.start < end && start < span.end);
      const plain = quote.length > longestSentence || isForeign ? '' : plainText(quote);
      const isOwn = plain !== '' && firstPerson.test(plain) && isStatement(plain);
      sentences.push({ quote, text: plain, isOwn });
    }
  }
  return sentences;
}

/** One kind of apostrophe and quotation mark, single spaces, no bullet. */
function plainText(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[’‘`´]/gu, "'")
    .replace(/[“”«»„]/gu, '"')
    .replace(/^\s*(?:[-*•–]|\d+[.)])\s+/u, '')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** "Tom: I live in Berlin" is Tom's sentence. */
function isLabelled(line: string): boolean {
  const label = /^\s*(?:\[[^\]]{0,40}\]\s*)?(\p{Lu}[\p{L}\p{N} ._-]{0,30}):\s/u.exec(line)?.[1];
  return label !== undefined && !ownLabels.test(label.trim()) && label.split(' ').length <= 3;
}

/** Spoken by somebody: quotation marks around words in the first person. */
function foreignSpans(line: string): { start: number; end: number }[] {
  const spans: { start: number; end: number }[] = [];
  for (const match of line.matchAll(/"[^"]{1,500}"|“[^”]{1,500}”|«[^»]{1,500}»|„[^“”]{1,500}[“”]/gu)) {
    if (firstPerson.test(plainText(match[0]))) {
      spans.push({ start: match.index, end: match.index + match[0].length });
    }
  }
  return spans;
}

function sentenceSpans(line: string): { start: number; end: number }[] {
  const spans: { start: number; end: number }[] = [];
  let start = 0;
  for (const match of line.matchAll(/[.!?…]+["”'’)]*(?=\s|$)/gu)) {
    const end = match.index + match[0].length;
    const isShort = match[0] === '.' && abbreviation.test(line.slice(Math.max(start, end - 12), end));
    if (isShort && end < line.length) continue;
    spans.push({ start, end });
    start = end;
  }
  if (start < line.length) spans.push({ start, end: line.length });
  return spans;
}

const asks =
  /^(?:and |but |so |well,? |hey,? |hi,? )*(?:what|where|who|whom|whose|when|why|how|which|is|are|am|was|were|do|does|did|can|could|would|will|should|shall|may|have i|has|had)\b/iu;
const demands =
  /^(?:please|could|can|would|imagine|suppose|supposing|pretend|assume|assuming|act|play|let's|let us|say|write|tell|remind|translate|summari[sz]e|explain|give|show|help|make|rewrite|consider)\b/iu;
const fiction =
  /\b(?:in (?:the|this|that|a|my) (?:novel|story|book|film|movie|game|dream|play|song|role)|as if|what if|role ?play|fictional|once upon)\b/iu;
const unsure =
  /\b(?:if|unless|whether|wish|hope|hoping|wonder|wondering|would|could|might|maybe|perhaps|possibly|probably|supposedly|almost|nearly|kidding|joking|dream|dreamt|dreamed|want|wanted|plan|planning|thinking of|thinking about|considering|should|fell through|about to|used to|was going to|were going to|pretend)\b/iu;
const remember =
  /^(?:please )?(?:remember|note|know|keep in mind)(?: this)?(?: that|:|,)\s*(?=(?:i|my|we|our)\b)/iu;

/** True unless it asks, demands, supposes, wishes, doubts or tells a story. */
function isStatement(text: string): boolean {
  const said = text.replace(remember, '');
  if (/\?["')]*$/u.test(said) || asks.test(said) || demands.test(said)) return false;
  return !fiction.test(said) && !unsure.test(said);
}

/** Opening words that say nothing: "By the way, ", "Please remember that ". */
const openings =
  /^(?:(?:by the way|btw|also|well|so|and|but|yes|no|ok|okay|actually|fyi|for the record|hi|hello|hey|oh|anyway|today|now|note|fact|me|ps|p\.s\.|these days|at the moment|currently)(?:,|:| -)?\s+|(?:just )?so you know,?\s+|(?:hi|hello|hey) \p{L}+[,!]\s+)+/iu;

/** Parts of a sentence that begin with their own subject in the first person. */
export function clausesOf(sentence: string): string[] {
  const said = sentence
    .replace(remember, '')
    .replace(openings, '')
    .replace(openings, '')
    .replace(
      /^since ([^,]{1,30}?),? ((?:I|we)\b.*?)[.!]*$/iu,
      (_whole, when: string, rest: string) => `${rest} since ${when}`,
    );
  return said
    .split(
      /(?:[,;:—–]| -)\s*(?:and |but |because |so |since |as )?(?=(?:i|i'm|i've|my|our|we|we're|we've|people|friends|everyone|you can)\b)|\s(?:and|but|because|so)\s(?=(?:i|i'm|i've|my|our|we|we're|we've)\b)/iu,
    )
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '');
}
