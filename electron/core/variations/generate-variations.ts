/**
 * What a fact becomes: every question form of its attribute with the one right answer.
 *
 * A pure function of (fact, all facts, kinds, templates). Facts that share subject and attribute answer together;
 * values of the same attribute that belong elsewhere (another person, an earlier time) are forbidden in the answer.
 */
import type { Fact } from '../../contract/entities/fact.ts';
import type { Kind, Kinds } from '../facts/kinds.ts';
import { createRandom, hashText } from '../util/random.ts';
import { describeSubject, joinValues, nounOf, sayDate, valuesOf, type Subject } from './answers.ts';
import { suits, type Form, type FormSplit, type FormUse, type Templates } from './templates.ts';
import { foldText, indexTold, slotOf, type ToldIndex } from './told-index.ts';

export { slotOf };

export type Variation = {
  readonly factId: string;
  /** All facts that the answer states (a group of values, or a derived fact with its parents). */
  readonly factIds: readonly string[];
  readonly family: string;
  readonly split: FormSplit;
  readonly use: FormUse;
  /** True for wordings that never name the attribute. */
  readonly natural: boolean;
  readonly question: string;
  readonly answer: string;
  readonly expected: readonly string[];
  readonly forbidden: readonly string[];
};

export type VariationContext = {
  readonly facts: readonly Fact[];
  readonly kinds: Kinds;
  readonly templates: Templates;
};

/** Value types whose values are names that may be asked back ("Who is Max?"). */
const reversibleValues = new Set(['person', 'animal-name', 'organisation', 'place', 'phone', 'email']);

/** All variations of one fact. Empty for a value that a current one replaced: that one asks for it as the former. */
export function generateVariations(fact: Fact, context: VariationContext): Variation[] {
  const kind = fact.kind === null ? undefined : context.kinds.byId.get(fact.kind);
  const told = indexTold(context.facts);
  const group = groupOf(fact, told.ofThing(fact));
  const former = fact.current ? formerOf(fact, told.ofThing(fact)) : undefined;
  const subject = describeSubject(fact.subject);
  const values = valuesOf(group);
  const forbidden = forbiddenValues(fact, values, told);
  const shared = { fact, group, values, forbidden, former, subject, kind, told, kinds: context.kinds };
  const variations: Variation[] = [];
  for (const { form, natural } of formsFor(kind, context.templates)) {
    const built = buildVariation({ ...shared, form, natural });
    if (built !== undefined) variations.push({ ...built, natural });
  }
  return variations;
}

/** General forms and the natural wordings of a kind, in file order. */
export function formsFor(
  kind: Kind | undefined,
  templates: Templates,
): { readonly form: Form; readonly natural: boolean }[] {
  const natural = kind === undefined ? [] : (templates.natural.get(kind.id) ?? []);
  return [
    ...natural.map((form) => ({ form, natural: true })),
    ...templates.general.filter((form) => suits(form, kind)).map((form) => ({ form, natural: false })),
  ];
}

/** The current facts that answer together with a fact: those of the same thing. */
export function groupOf(fact: Fact, facts: readonly Fact[]): readonly Fact[] {
  if (!fact.current) return [fact];
  const group = facts.filter((other) => other.current && slotOf(other) === slotOf(fact));
  return group.some((other) => other.id === fact.id) ? group : [fact];
}

/** The latest earlier value of the same thing, where one is known and differs. */
export function formerOf(fact: Fact, facts: readonly Fact[]): Fact | undefined {
  return facts
    .filter((other) => !other.current && slotOf(other) === slotOf(fact) && !sameText(other.value, fact.value))
    .filter((other) => !fact.conflictsWith.includes(other.id) && !other.conflictsWith.includes(fact.id))
    .sort((left, right) => (left.validTo ?? '').localeCompare(right.validTo ?? ''))
    .at(-1);
}

type BuildInput = {
  readonly fact: Fact;
  readonly group: readonly Fact[];
  /** The values of the group. */
  readonly values: readonly string[];
  /** Values of the same attribute that are wrong here. */
  readonly forbidden: readonly string[];
  readonly former: Fact | undefined;
  readonly subject: Subject;
  readonly kind: Kind | undefined;
  readonly form: Form;
  readonly natural: boolean;
  readonly told: ToldIndex;
  readonly kinds: Kinds;
};

function buildVariation(input: BuildInput): Omit<Variation, 'natural'> | undefined {
  const { fact, group, values, forbidden, former, subject, kind, form, natural, told, kinds } = input;
  const wording = subject.isOwner ? form.me : form.other;
  const label = nounOf(fact, kinds, values.length);
  const single = nounOf(fact, kinds, 1);
  const is = values.length > 1 ? 'are' : 'is';
  const owner = subject.answeredPossessive;
  const decoy = form.use === 'no' || wording.includes('{decoy}') ? chooseDecoy(input) : undefined;
  const base = {
    factId: fact.id,
    factIds: group.map((each) => each.id),
    family: form.family,
    split: form.split,
  };
  const render = (slots: Partial<Record<'label' | 'value', string>>): string =>
    fillSlots(wording, {
      label: slots.label ?? label,
      is: slots.label === undefined ? is : 'is',
      was: slots.label === undefined && values.length > 1 ? 'were' : 'was',
      value: slots.value ?? fact.value,
      decoy: decoy ?? '',
      subject: subject.asked,
      "subject's": subject.askedPossessive,
      person: !natural && asksWho(kind),
    });
  const expected = [fact.value, ...fact.aliases];
  const plain = `${owner} ${label} ${is} ${joinValues(values)}.`;
  // A derived fact is answered with its one-line reason: "Your partner is Jordan, and Jordan's job is teacher."
  const statement = fact.source.type === 'derived' ? fact.statement : plain;
  if (!fact.current) {
    // An ended fact is asked as the former value of its slot by the current one, or by itself where none followed.
    const isPast = form.use === 'former' || form.use === 'past';
    if (!isPast || hasCurrent(fact, told)) return undefined;
    return {
      ...base,
      use: form.use,
      question: render({ label: single }),
      answer: sayFormer(owner, single, fact),
      expected,
      forbidden,
    };
  }
  switch (form.use) {
    case 'direct':
    case 'embedded':
      return { ...base, use: form.use, question: render({}), answer: statement, expected, forbidden };
    case 'yes':
      return {
        ...base,
        use: 'yes',
        question: render({ label: single }),
        answer: `Yes, ${lowerOwner(owner)} ${single} is ${fact.value}.`,
        expected: ['yes'],
        forbidden,
      };
    case 'no':
      if (decoy === undefined) return undefined;
      return {
        ...base,
        use: 'no',
        question: render({ label: single }),
        answer: `No, ${lowerOwner(owner)} ${label} ${is} ${joinValues(values)}.`,
        expected,
        forbidden: forbidden.filter((each) => !sameText(each, decoy)),
      };
    case 'reverse': {
      if (!isReversible(fact, kind, told)) return undefined;
      return {
        ...base,
        use: 'reverse',
        question: render({ label: single }),
        answer: `${fact.value} is ${lowerOwner(owner)} ${single}.`,
        expected: [single, ...(kind?.aliases ?? [])],
        forbidden: [],
      };
    }
    case 'former':
    case 'past':
      if (former === undefined) return undefined;
      return {
        ...base,
        factId: former.id,
        factIds: [former.id, fact.id],
        use: form.use,
        question: render({ label: single }),
        answer: sayFormer(owner, single, former),
        expected: [former.value, ...former.aliases],
        forbidden: forbiddenValues(former, [former.value], told),
      };
    case 'since':
      if (fact.validFrom === null) return undefined;
      return {
        ...base,
        use: 'since',
        question: render({ label: single }),
        answer: `${owner} ${single} has been ${fact.value} since ${sayDate(fact.validFrom)}.`,
        expected: [sayDate(fact.validFrom), fact.validFrom],
        forbidden: [],
      };
  }
}

function sayFormer(owner: string, label: string, former: Fact): string {
  const until = former.validTo === null ? '' : `, until ${sayDate(former.validTo)}`;
  return `${owner} former ${label} was ${former.value}${until}.`;
}

function lowerOwner(owner: string): string {
  return owner.replace(/^Your\b/, 'your');
}

function hasCurrent(fact: Fact, told: ToldIndex): boolean {
  return told.ofThing(fact).some((other) => other.current);
}

function isReversible(fact: Fact, kind: Kind | undefined, told: ToldIndex): boolean {
  if (fact.tier === 'multi-hop' || kind === undefined || !reversibleValues.has(kind.value)) return false;
  return told.ofValue(fact.value).every((other) => other.id === fact.id);
}

/** Values of the same attribute that belong to somebody else or to another time. */
function forbiddenValues(fact: Fact, right: readonly string[], told: ToldIndex): string[] {
  const others = told
    .ofAttribute(fact)
    .map((other) => other.value)
    .filter((value) => !right.some((each) => containsText(each, value) || containsText(value, each)))
    .filter((value) => !fact.aliases.some((each) => sameText(each, value)));
  return [...new Set(others)];
}

/** Another value for a "no" question: one of the same attribute elsewhere where there is one, else an invented one. */
function chooseDecoy({
  fact,
  values,
  forbidden: elsewhere,
  kind,
  form,
}: Pick<BuildInput, 'fact' | 'values' | 'forbidden' | 'kind' | 'form'>): string | undefined {
  const invented = (kind?.decoys ?? []).filter((each) => !values.some((value) => sameText(value, each)));
  const random = createRandom(hashText(`${slotOf(fact)} ${fact.value} ${form.family}`));
  const pool = elsewhere.length > 0 && random.next() < 0.5 ? elsewhere : invented;
  const usable = pool.length > 0 ? pool : elsewhere;
  return usable.length > 0 ? random.pick(usable) : undefined;
}

export type Slots = {
  readonly label: string;
  readonly is: string;
  readonly was: string;
  readonly value: string;
  readonly decoy: string;
  readonly subject: string;
  readonly "subject's": string;
  /** True where a general wording asks for a person or a pet: "what is" becomes "who is". */
  readonly person: boolean;
};

/** Fills a wording's slots. Values are inserted last and verbatim, so that braces in them stay text. */
export function fillSlots(wording: string, slots: Slots): string {
  const asked = slots.person ? askForPerson(wording) : wording;
  const filled = asked.replace(
    /\{(label|is|was|value|decoy|subject's|subject)\}/g,
    (_whole, name: keyof Omit<Slots, 'person'>) => slots[name],
  );
  const opensWithSlot =
    wording.startsWith('{') && !wording.startsWith('{value}') && !wording.startsWith('{decoy}');
  const isLowerCase = !/\p{Lu}/u.test(wording) && !/[.?!]$/u.test(wording);
  return opensWithSlot && !isLowerCase
    ? filled.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase())
    : filled;
}

/** Of a person or a pet one asks "who". */
export function asksWho(kind: Kind | undefined): boolean {
  return kind !== undefined && (kind.person || kind.value === 'animal-name');
}

/** "What is {subject's} {label}" asks for a thing; of a person one asks "who". */
function askForPerson(wording: string): string {
  return wording
    .replace(
      /(?<!or )\b(W|w)hat(?=(['’]s| is| are| was| were| \{is\}| \{was\}) (my|\{subject's\}))/g,
      (_whole, letter: string) => (letter === 'W' ? 'Who' : 'who'),
    )
    .replace(/\bwhat(?= (my|\{subject's\}) \{label\} (is|are|was|\{is\}|\{was\}))/g, 'who');
}

function sameText(left: string, right: string): boolean {
  return left === right || foldText(left) === foldText(right);
}

function containsText(whole: string, part: string): boolean {
  return foldText(whole).includes(foldText(part));
}
