/** What somebody does or is: "live in Porto", "works as a nurse", "am allergic to nuts". */
import type { FactDraft } from '../../../contract/entities/fact.ts';
import { readTime } from './kind-values.ts';
import type { Kinds } from '../kinds.ts';
import {
  readDate,
  readDiet,
  readInstruments,
  readLanguages,
  readName,
  readNationality,
  readOccupation,
  readPeriod,
  readStarSign,
  readThings,
  untilEnd,
  withoutArticle,
  type Period,
} from './values.ts';
import { plainActions } from './words.ts';

export type Found = Omit<FactDraft, 'subject'>;

/** A rule reads the rest of a phrase after its beginning; `all` is the whole phrase. */
type Rule = { readonly begins: RegExp; readonly read: (rest: string, all: string, kinds: Kinds) => Found[] };

const be = "(?:am|is|are|'m|'s|'re)";
const been = "(?:have|has|'ve|'s)";

const make = (attribute: string, values: readonly (string | undefined)[], period: Period = {}): Found[] =>
  values.flatMap((value) => (value === undefined || value === '' ? [] : [{ attribute, value, ...period }]));

/** Something of the past is a fact only where it is dated. */
const past = (attribute: string, value: string | undefined, all: string): Found[] => {
  const period = readPeriod(all);
  return period.validTo === undefined ? [] : make(attribute, [value], period);
};

const place = (rest: string): string | undefined => {
  const name = readName(
    rest.replace(
      /^(?:the (?:city|town|village) of|an? (?:\p{L}+ ){0,2}(?:flat|house|village|apartment|cottage|studio|town) in)\s+/iu,
      '',
    ),
  );
  return name?.replace(/ (?:in|on|of|and the|the)$/iu, '');
};

const inPlace = '(?:in|near)';

const verbRules: readonly Rule[] = [
  {
    begins: new RegExp(
      `^(?:lives?|(?:${be} )?living|${been} (?:been living|lived)|${be} based|resides?) ${inPlace} `,
      'iu',
    ),
    read: (rest, all) => make('home-city', [place(rest)], readPeriod(all)),
  },
  { begins: /^lived in /iu, read: (rest, all) => past('home-city', place(rest), all) },
  {
    begins: new RegExp(
      `^(?:moved|${been} moved|relocated)(?: (?:back|house|over|out))?(?: from [\\p{L} ]+?)? to `,
      'iu',
    ),
    read: (rest, all) =>
      make(
        'home-city',
        [place(rest.replace(/ in (?=\p{Lu}|\d).*$/u, ''))],
        readPeriod(all, { begins: true }),
      ),
  },
  {
    begins: new RegExp(
      `^(?:works?|${be} working|${been} (?:been working|worked)|${be} employed) as (?:an? |the )?`,
      'iu',
    ),
    read: (rest, all) => [...make('job', [jobOf(rest)], readPeriod(all)), ...employerIn(rest)],
  },
  {
    begins: new RegExp(
      `^(?:works?|${be} working|${been} (?:been working|worked)|${be} employed) (?:for|at|by|with) `,
      'iu',
    ),
    read: (rest, all) => make('employer', [readName(rest)], readPeriod(all)),
  },
  {
    begins: /^(?:started|began) (?:work(?:ing)?|a (?:new )?job|my job|his job|her job) (?:at|for|with) /iu,
    read: (rest, all) =>
      make(
        'employer',
        [readName(rest.replace(/ (?:in|on) (?=\d|\p{Lu}).*$/u, ''))],
        readPeriod(all, { begins: true }),
      ),
  },
  {
    begins: /^joined /iu,
    read: (rest, all) =>
      /\b(?:in|on|since) (?=\d|\p{Lu})/u.test(rest)
        ? make(
            'employer',
            [readName(rest.replace(/ (?:in|on|since) (?=\d|\p{Lu}).*$/u, ''))],
            readPeriod(all, { begins: true }),
          )
        : [],
  },
  {
    begins: /^(?:started working|started|began working) as (?:an? )?/iu,
    read: (rest, all) => make('job', [jobOf(rest)], readPeriod(all, { begins: true })),
  },
  {
    begins: /^became an? /iu,
    read: (rest, all) => make('job', [jobOf(rest)], readPeriod(all, { begins: true })),
  },
  { begins: /^(?:was|worked as|used to be) an? /iu, read: (rest, all) => past('job', jobOf(rest), all) },
  {
    begins: /^worked (?:for|at) /iu,
    read: (rest, all) => past('employer', readName(rest.replace(/ (?:from|until|till) .*$/iu, '')), all),
  },
  {
    begins: /^teach(?:es)?(?: [\p{L} ]{1,40}?)? at /iu,
    read: (rest) => make('employer', [readName(rest)]),
  },
  {
    begins: new RegExp(`^${be} an? `, 'iu'),
    read: (rest) => [
      ...make('diet', [readDiet(rest)]),
      ...make('star-sign', [readStarSign(rest)]),
      ...(readDiet(rest) === undefined ? [...make('job', [jobOf(rest)]), ...employerIn(rest)] : []),
    ],
  },
  {
    begins: new RegExp(`^(?:${be}|${been} been) (?=\\p{L})`, 'iu'),
    read: (rest, all) => [
      ...make('diet', [readDiet(rest)], readPeriod(all)),
      ...(/^\p{Lu}/u.test(rest) && !/^\p{L}+ (?:teacher|food|major|student|speaker|lover|fan)/u.test(rest)
        ? make('nationality', [readNationality(rest)])
        : []),
    ],
  },
  {
    begins: new RegExp(
      `^(?:${be} (?:severely |very |highly )?allergic|${be} intolerant|${been} an allergy) to `,
      'iu',
    ),
    read: (rest) => make('allergy', readThings(rest.replace(/, so\b.*$/iu, ''))),
  },
  {
    begins: /^(?:was|were) born (?:and (?:raised|bred) )?/iu,
    read: (rest) => [
      ...make('birthday', [bornOn(rest)]),
      ...make('birthplace', [/(?:^|\s)in (?=\p{Lu})/u.test(rest) ? bornIn(rest) : undefined]),
    ],
  },
  {
    begins: new RegExp(
      `^(?:${be} (?:happily )?(?:married|engaged) to|married|(?:${been} been )?(?:married|engaged) to) `,
      'iu',
    ),
    read: (rest) =>
      make('partner', [
        readName(rest.replace(/^my (?:husband|wife|partner),? /iu, ''))?.replace(/ (?:in|on)$/u, ''),
      ]),
  },
  {
    begins: new RegExp(`^(?:got|were|was|${been} been) married (?:on |since )`, 'iu'),
    read: (rest) => make('wedding-day', [readDate(rest.replace(/^the /iu, ''))?.said]),
  },
  {
    begins: new RegExp(`^${be} (?=\\d)`, 'iu'),
    read: (rest) => (/\btall\b/iu.test(rest) ? byKind('height', rest) : []),
  },
  {
    begins: /^wears? (?:an? )?(?:shoe )?size /iu,
    read: (rest) =>
      /^\d+(?:[.,]5)?(?: (?:shoes?|boots|in shoes))?(?:$|[.,!])/iu.test(rest)
        ? byKind('shoe-size', rest)
        : [],
  },
  {
    begins: /^(?:drives?|owns?|bought|have bought|has bought) (?=an? |the )/iu,
    read: (rest) => make('car', [carOf(rest)]),
  },
  {
    begins: new RegExp(`^(?:plays?|${be} learning(?: to play)?) (?:the )?`, 'iu'),
    read: (rest) => make('instrument', readInstruments(rest)),
  },
  {
    begins: /^(?:can )?speaks? /iu,
    read: (rest) => make('language', readLanguages(rest.replace(/^(?:fluent|fluently)\s+/iu, ''))),
  },
  {
    begins: new RegExp(
      `^(?:stud(?:y|ies|ied)|${be} studying|majored in|${been} studied) (?!at\\b|for\\b)`,
      'iu',
    ),
    read: (rest) => [
      ...make('field-of-study', [fieldOf(rest)]),
      ...make('university', [atSchool(rest, universityWords)]),
    ],
  },
  {
    begins: new RegExp(
      `^(?:stud(?:y|ies|ied)|${be} studying|went|go|goes|graduated|attends?|attended|${be} a student)(?: (?:at|from|to))? (?=the |\\p{Lu})`,
      'iu',
    ),
    read: (rest) => [
      ...make('university', [schoolName(rest, universityWords)]),
      ...make('school', [schoolName(rest, schoolWords)]),
    ],
  },
  {
    begins: new RegExp(
      `^(?:${been} |holds? |${been} got |earned |did |got )(?:an? )?(?:[\\p{L}.']+ )?(?:degree|bachelor'?s?|master'?s?|doctorate|PhD|BSc|MSc|BA|MA) in `,
      'iu',
    ),
    read: (rest) => make('field-of-study', [fieldOf(rest)]),
  },
  {
    begins: /^(?:take|takes|am taking|is taking|am on|is on) (?=\p{Ll})/iu,
    read: (rest) => make('medication', [medicineOf(rest)]),
  },
  {
    begins:
      /^(?:takes?|catch|catches|commutes? (?:on|with)|rides?) (?:the )?(?=(?:bus|number|line|no\b|\d))/iu,
    read: (rest) =>
      make('bus-line', [
        /^((?:number|line|no\.?) ?\d{1,3}[A-Z]?|\d{1,3}[A-Z]?)(?= (?:bus|tram)|$)/iu.exec(rest)?.[1],
      ]),
  },
  {
    begins: /^(?:gets?|wakes?) up (?:at )?(?:around |about )?/iu,
    read: (rest) => make('wake-up-time', [readTime(rest)]),
  },
  { begins: /^banks? (?:with|at) /iu, read: (rest) => make('bank', [readName(rest)]) },
  {
    begins: new RegExp(`^${be} insured (?:with|by|at) `, 'iu'),
    read: (rest) => make('insurance', [readName(rest)]),
  },
  {
    begins: new RegExp(
      `^(?:(?:absolutely |really )?(?:loves?|enjoys?|likes?)|go|goes|do|does|${be} into) `,
      'iu',
    ),
    read: (rest) => make('hobby', [hobbyOf(rest)]),
  },
  {
    begins: new RegExp(`^(?:supports?|${be} a fan of) `, 'iu'),
    read: (rest) => make('favourite-team', [readName(rest)]),
  },
  { begins: /^(?:trains?|works? out|exercises?) at /iu, read: (rest) => make('gym', [readName(rest)]) },
  { begins: new RegExp(`^${be} called `, 'iu'), read: (rest) => nameOf(rest) },
  {
    begins: new RegExp(`^${be} going to (?=\\p{Lu})`, 'iu'),
    read: (rest, all) =>
      /\bholidays?\b|\bvacation\b/iu.test(all) ? make('next-holiday', [place(rest)]) : [],
  },
];

/** What a phrase that begins with its verb says of its subject. */
export function readVerbPhrase(phrase: string, kinds: Kinds): Found[] {
  const plain = phrase
    .replace(
      /\b(?:usually|currently|now|also|really|just|recently|still|both|actually|already|mostly|mainly|proudly|happily|originally|always|often|normally|generally) /giu,
      '',
    )
    .trim();
  if (isNegated(plain)) return [];
  for (const { begins, read } of verbRules) {
    const match = begins.exec(plain);
    if (match === null) continue;
    const found = read(plain.slice(match[0].length), plain, kinds);
    if (found.length > 0) return found;
  }
  return [];
}

/** Says that something is not so, before its first comma or conjunction. */
export function isNegated(phrase: string): boolean {
  const [head = ''] = phrase.split(/,|\bbut\b|\band (?:he|she|it|they)\b/iu);
  return /\b(?:not|never|no|none|neither|nor|nobody|hardly|without)\b|n't\b/iu.test(head);
}

function byKind(id: string, text: string): Found[] {
  const patterns: Readonly<Record<string, RegExp>> = {
    height: /^\d+(?:[.,]\d+)?\s?(?:cm|m|metres|meters|feet|ft)(?:\s?\d{1,2}(?:\s?(?:cm|inches))?)?/iu,
    'shoe-size': /^\d+(?:[.,]5)?/u,
  };
  return make(id, [patterns[id]?.exec(text)?.[0].trim()]);
}

function jobOf(rest: string): string | undefined {
  return readOccupation(rest);
}

/** "a nurse at Elm Hospital" */
function employerIn(rest: string): Found[] {
  const at = /\s(?:at|for) (?=the \p{Lu}|\p{Lu})/u.exec(untilEnd(rest, { comma: true }));
  return at === null ? [] : make('employer', [readName(rest.slice(at.index + at[0].length))]);
}

function bornOn(rest: string): string | undefined {
  const on = /(?:^|\s)on (?:the )?/iu.exec(rest);
  const found = on === null ? undefined : readDate(rest.slice(on.index + on[0].length));
  return found === undefined || /^\d{4}$/u.test(found.said) ? undefined : found.said;
}

function bornIn(rest: string): string | undefined {
  const at = /(?:^|\s)in (?=\p{Lu})/u.exec(rest);
  const name = at === null ? undefined : place(rest.slice(at.index + at[0].length));
  return name === undefined || readDate(name) !== undefined ? undefined : name.replace(/ on$/u, '');
}

function carOf(rest: string): string | undefined {
  const value = withoutArticle(untilEnd(rest, { comma: true }).replace(/ (?:in|to|for|with|from) .*$/iu, ''));
  const isModel = /\p{Lu}/u.test(value) && value.split(' ').length <= 5;
  return isModel && !/\b(?:bus|taxi|truck|lorry|house|flat|dog|cat|company)\b/iu.test(value)
    ? value
    : undefined;
}

const universityWords = /\b(?:University|College|Institute|Polytechnic|Uni)\b/u;
const schoolWords = /\b(?:School|High|Academy|Gymnasium|Grammar|Secondary|Primary|Elementary|St)\b/u;

function atSchool(rest: string, words: RegExp): string | undefined {
  const at = /\s(?:at|from) (?=the |\p{Lu})/u.exec(rest);
  return at === null ? undefined : schoolName(rest.slice(at.index + at[0].length), words);
}

function schoolName(rest: string, words: RegExp): string | undefined {
  const name = readName(rest);
  return name !== undefined && words.test(name) ? name : undefined;
}

function fieldOf(rest: string): string | undefined {
  const value = withoutArticle(
    untilEnd(rest, { comma: true }).replace(/\s+(?:at|in|from|for|with|on|to)\b.*$/iu, ''),
  );
  const isSubject = /^[\p{L} &-]{3,40}$/u.test(value) && value.split(' ').length <= 4;
  return isSubject && !/^(?:hard|abroad|a lot|it|that|this|my|together)\b/iu.test(value) ? value : undefined;
}

function medicineOf(rest: string): string | undefined {
  const name = /^[\p{L}-]+/u.exec(rest)?.[0].toLowerCase() ?? '';
  const isMedicine =
    /(?:formin|pril|olol|statin|xine|zole|azepam|cillin|sartan|profen|mycin|tamol|pine|oxin|lukast|gliptin|parin|thyroxine|done|zine|ide|sone|solone|aspirin|insulin|lithium|metformin)$/u.test(
      name,
    );
  return isMedicine &&
    name.length >= 6 &&
    !/^(?:medicine|inside|outside|beside|aside|pride|machine)$/u.test(name)
    ? name
    : undefined;
}

function hobbyOf(rest: string): string | undefined {
  const first =
    /^(?:to go |to do |going |doing )?([\p{L}-]+(?: (?:climbing|biking|skating|diving|riding|running|skiing))?)/iu
      .exec(rest)?.[1]
      ?.toLowerCase();
  if (first === undefined || !/[\p{L}]{3}ing$/u.test(first) || plainActions.has(first)) return undefined;
  const after = rest.toLowerCase().slice(rest.toLowerCase().indexOf(first) + first.length);
  return /^(?:$|[.,!]| (?:and|at|in|on|with|every|whenever|during|after|before|as|when|a lot|most)\b)/u.test(
    after,
  )
    ? first
    : undefined;
}

/** A first name, or a whole one. */
export function nameOf(rest: string): Found[] {
  const name = readName(rest, { lower: true });
  return make(name?.includes(' ') === true ? 'full-name' : 'first-name', [name]);
}

export { make };
