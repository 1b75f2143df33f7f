/**
 * Unknown samples: questions whose right answer is "You haven't told me that yet."
 *
 * Variety makes abstention general: attributes nobody told, kinds the user left out, strangers, and known people
 * asked for what was not told. Each general family is used with known and with unknown attributes, so that no
 * wording by itself means refusal.
 */
import type { Fact } from '../../contract/entities/fact.ts';
import type { Kind, Kinds } from '../facts/kinds.ts';
import { describeSubject } from '../variations/answers.ts';
import { asksWho, fillSlots } from '../variations/generate-variations.ts';
import { suits, type Form, type Templates } from '../variations/templates.ts';
import type { Random } from '../util/random.ts';
import type { Steps } from '../util/slices.ts';
import type { Pools, UnknownAttribute } from './pools.ts';

export type UnknownQuestion = { readonly question: string; readonly family: string };

export type UnknownContext = {
  readonly facts: readonly Fact[];
  /** Facts that are told and never trained. Defaults to none. */
  readonly untaught?: readonly Fact[];
  readonly kinds: Kinds;
  readonly templates: Templates;
  readonly pools: Pools;
};

/** Share of each source of unknown questions; they sum to 1. */
const shares = { pool: 0.36, untoldKind: 0.22, stranger: 0.26, knownPerson: 0.16 } as const;

/** `count` unknown questions without repeats (fewer only if the pools run out). */
export function* chooseUnknownQuestions(
  context: UnknownContext,
  count: number,
  random: Random,
): Steps<UnknownQuestion[]> {
  const sources = createSources(context, random);
  const chosen = new Map<string, UnknownQuestion>();
  const names = Object.keys(shares) as (keyof typeof shares)[];
  for (const name of names) {
    const goal = chosen.size + Math.round(count * shares[name]);
    for (let attempt = 0; attempt < count * 4 && chosen.size < goal; attempt += 1) {
      const made = sources[name](attempt);
      if (made !== undefined && !chosen.has(made.question)) chosen.set(made.question, made);
      yield;
    }
  }
  return random.shuffle([...chosen.values()]).slice(0, count);
}

type Source = (attempt: number) => UnknownQuestion | undefined;

function createSources(context: UnknownContext, random: Random): Record<keyof typeof shares, Source> {
  const { facts, kinds, templates, pools } = context;
  const allTold = [...facts, ...(context.untaught ?? [])];
  const told = new Set(
    allTold.filter((each) => each.subject === 'me').map((each) => each.kind ?? each.attribute.toLowerCase()),
  );
  // A question after an earlier value or a date is mostly about what was told; too many refusals would teach otherwise.
  const dated = new Set(['former', 'past', 'since']);
  const generalForms = random.shuffle(
    templates.general.filter(
      (form) =>
        form.split === 'train' && form.use !== 'reverse' && (!dated.has(form.use) || random.next() < 0.25),
    ),
  );
  const directForms = generalForms.filter((form) => form.use === 'direct' || form.use === 'embedded');
  const kindsOfFacts = new Set(facts.map((each) => each.kind));
  const toldKinds = kinds.all.filter((kind) => kindsOfFacts.has(kind.id));
  const toldNames = namesOf(allTold);
  const attributes = random.shuffle(pools.unknownAttributes.filter((each) => !isTold(each, toldNames)));
  const untold = random.shuffle(kinds.all.filter((kind) => !told.has(kind.id)));
  const toldWords = wordsOf(allTold);
  const strangers = random.shuffle(pools.people.filter((person) => !namesKnown(person, toldWords)));
  const kindsOfPeople = new Map<string, Set<string | null>>();
  for (const { subject, kind } of allTold) {
    const known = kindsOfPeople.get(subject);
    if (known === undefined) kindsOfPeople.set(subject, new Set([kind]));
    else known.add(kind);
  }
  const people = random.shuffle([
    ...new Set(facts.filter((each) => each.subject !== 'me').map((each) => each.subject)),
  ]);
  return {
    pool: (attempt) => {
      const attribute = attributes[attempt % Math.max(1, attributes.length)];
      if (attribute === undefined) return undefined;
      // One general wording and one of its own, in turn.
      if (Math.floor(attempt / attributes.length) % 2 === 0 && attempt % 2 === 0) {
        const form = generalForms[(attempt >> 1) % generalForms.length];
        return form === undefined
          ? undefined
          : ask({ form, natural: false, subject: 'me', label: attribute.label, kind: undefined, random });
      }
      return { question: random.pick(attribute.me), family: `unknown:${attribute.label}` };
    },
    untoldKind: (attempt) => {
      const kind = untold[attempt % Math.max(1, untold.length)];
      if (kind === undefined) return undefined;
      return askKind(kind, 'me', attempt % 2 === 0 ? directForms : generalForms, templates, random);
    },
    stranger: (attempt) => {
      const person = strangers[attempt % Math.max(1, strangers.length)];
      if (person === undefined) return undefined;
      // Each told kind as often as the others, however many facts it has: else its own questions become refusals.
      const kind = random.pick(random.next() < 0.6 && toldKinds.length > 0 ? toldKinds : kinds.all);
      return askKind(kind, person, directForms, templates, random);
    },
    knownPerson: () => {
      if (people.length === 0) return undefined;
      const person = random.pick(people);
      const known = kindsOfPeople.get(person);
      if (random.next() < 0.4) {
        const attribute = random.pick(attributes);
        return {
          question: fillPerson(random.pick(attribute.other), person),
          family: `unknown:${attribute.label}`,
        };
      }
      const open = kinds.all.filter((kind) => known?.has(kind.id) !== true);
      return open.length === 0
        ? undefined
        : askKind(random.pick(open), person, directForms, templates, random);
    },
  };
}

/** A question for a kind about somebody: half natural wordings, half general forms. */
function askKind(
  kind: Kind,
  subject: string,
  general: readonly Form[],
  templates: Templates,
  random: Random,
): UnknownQuestion | undefined {
  const wordings = (templates.natural.get(kind.id) ?? []).filter((form) => form.split === 'train');
  const natural = wordings.length > 0 && random.next() < 0.5;
  const form = random.pick(natural ? wordings : general.filter((each) => suits(each, kind)));
  return ask({ form, natural, subject, label: kind.label, kind, random });
}

function ask(input: {
  readonly form: Form;
  readonly natural: boolean;
  readonly subject: string;
  readonly label: string;
  readonly kind: Kind | undefined;
  readonly random: Random;
}): UnknownQuestion | undefined {
  const { form, natural, subject, label, kind, random } = input;
  const about = describeSubject(subject);
  const wording = about.isOwner ? form.me : form.other;
  const needsValue = /\{(value|decoy)\}/.test(wording);
  if (needsValue && kind === undefined) return undefined;
  const value = kind === undefined ? '' : random.pick(kind.decoys);
  return {
    family: form.family,
    question: fillSlots(wording, {
      label,
      is: 'is',
      was: 'was',
      value,
      decoy: value,
      subject: about.asked,
      "subject's": about.askedPossessive,
      person: !natural && asksWho(kind),
    }),
  };
}

function fillPerson(wording: string, person: string): string {
  const about = describeSubject(person);
  return wording.replaceAll("{subject's}", about.askedPossessive).replaceAll('{subject}', about.asked);
}

/** Every attribute that was told, as it was written and by its kind. */
function namesOf(facts: readonly Fact[]): ReadonlySet<string> {
  return new Set(facts.flatMap((each) => [each.attribute.toLowerCase(), each.kind ?? '']));
}

/** True when the user has told this attribute, under its label or an alias. */
function isTold(
  attribute: Pick<UnknownAttribute, 'label' | 'aliases'>,
  toldNames: ReadonlySet<string>,
): boolean {
  return [attribute.label, ...attribute.aliases].some((each) => toldNames.has(each.toLowerCase()));
}

/** Every word of three letters and more in subjects and values. */
function wordsOf(facts: readonly Fact[]): ReadonlySet<string> {
  const texts = new Set(facts.flatMap((each) => [each.subject, each.value]));
  const words = new Set<string>();
  for (const text of texts)
    for (const word of text.toLowerCase().split(/[^\p{L}]+/u)) if (word.length > 2) words.add(word);
  return words;
}

function namesKnown(person: string, toldWords: ReadonlySet<string>): boolean {
  return person
    .toLowerCase()
    .split(/\s+/)
    .some((word) => toldWords.has(word));
}
