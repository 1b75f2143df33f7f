/** Samples and questions as lessons: what a reader sees, searches and turns down. */
import type { Question } from '../../contract/entities/evaluation.ts';
import type { Fact } from '../../contract/entities/fact.ts';
import type { Lesson } from '../../contract/entities/lesson.ts';
import type { Sample } from '../../contract/entities/training.ts';
import type { Steps } from '../util/slices.ts';
import { familyOf, keyOfQuestion, keyOfSample, questionOf } from '../datasets/lesson-key.ts';

/** A lesson with what it is searched by. */
export type ListedLesson = Omit<Lesson, 'about' | 'vetoed'> & { readonly text: string };

export type LessonFilter = {
  readonly search?: string | undefined;
  readonly factId?: string | undefined;
  readonly kind?: Lesson['kind'] | undefined;
};

const splitOrder: readonly Lesson['split'][] = ['train', 'probe', 'test'];

/** Lessons fact by fact, first what is taught, then what is only asked; what belongs to no fact comes last. */
export function* listLessons(
  samples: readonly Sample[],
  held: readonly Question[],
  facts: readonly Fact[],
): Steps<readonly ListedLesson[]> {
  const unique = new Map<string, ListedLesson>();
  for (const each of samples) {
    const lesson = fromSample(each);
    unique.set(lesson.id, lesson);
    yield;
  }
  for (const each of held) {
    const lesson = fromQuestion(each);
    unique.set(lesson.id, lesson);
    yield;
  }
  // By fact and split into heaps: one sort of tens of thousands would hold everything else.
  const order = new Map(facts.map((fact, index) => [fact.id, index]));
  const heaps = new Map<number, ListedLesson[]>();
  for (const lesson of unique.values()) {
    const place = order.get(lesson.factIds[0] ?? '') ?? facts.length;
    const heap = place * splitOrder.length + splitOrder.indexOf(lesson.split);
    const known = heaps.get(heap);
    if (known === undefined) heaps.set(heap, [lesson]);
    else known.push(lesson);
    yield;
  }
  const sorted: ListedLesson[] = [];
  for (const heap of [...heaps.keys()].sort((left, right) => left - right)) {
    for (const lesson of heaps.get(heap) ?? []) sorted.push(lesson);
    yield;
  }
  return sorted;
}

/** Those that fit every part of a filter. */
export function filterLessons(
  lessons: readonly ListedLesson[],
  { search, factId, kind }: LessonFilter,
): readonly ListedLesson[] {
  const words = (search ?? '').normalize('NFKC').toLowerCase().split(/\s+/u).filter(Boolean);
  return lessons.filter(
    (lesson) =>
      (kind === undefined || lesson.kind === kind) &&
      (factId === undefined || lesson.factIds.includes(factId)) &&
      words.every((word) => lesson.text.includes(word)),
  );
}

/** How many there are of each kind. */
export function countKinds(lessons: readonly ListedLesson[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of lessons) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function fromSample(sample: Sample): ListedLesson {
  const question = questionOf(sample);
  return {
    id: keyOfSample(sample),
    kind: sample.split === 'train' ? sample.kind : 'test',
    question,
    answer: sample.answer,
    messages: sample.messages.slice(0, -1),
    factIds: sample.factIds,
    family: sample.family,
    split: sample.split,
    text: fold(question, sample.answer),
  };
}

function fromQuestion(question: Question): ListedLesson {
  const answer = question.kind === 'abstain' ? '' : (question.expected[0] ?? '');
  return {
    id: keyOfQuestion(question),
    kind: 'test',
    question: question.question,
    answer,
    messages: [],
    factIds: question.factId === undefined ? [] : [question.factId],
    family: familyOf(question.id),
    split: 'test',
    text: fold(question.question, answer),
  };
}

function fold(question: string, answer: string): string {
  return `${question}\n${answer}`.normalize('NFKC').toLowerCase();
}
