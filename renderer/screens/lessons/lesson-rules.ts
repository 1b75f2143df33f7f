/** Filters of the lessons in the address, and what a lesson is called. */
import type { Lesson } from '../../../electron/contract/entities/lesson.ts';
import { text } from '../../text/en.ts';

export const kindNames = ['fact', 'unknown', 'pass', 'bridge', 'general', 'test'] as const;
export type KindName = (typeof kindNames)[number];

export type LessonView = {
  readonly search: string;
  readonly kind: KindName | null;
  readonly factId: string | null;
  readonly datasetId: string | null;
};

/** The view that an address asks for. */
export function parseView(fields: URLSearchParams): LessonView {
  const kind = fields.get('split') === 'test' ? 'test' : fields.get('kind');
  return {
    search: (fields.get('q') ?? '').slice(0, 2000),
    kind: kindNames.find((known) => known === kind) ?? null,
    factId: fields.get('fact'),
    datasetId: fields.get('dataset'),
  };
}

/** What the core is asked for. */
export function requestOf({ search, kind, factId, datasetId }: LessonView) {
  return {
    ...(search.trim() !== '' && { search: search.trim() }),
    ...(kind !== null && { kind }),
    ...(factId !== null && { factId }),
    ...(datasetId !== null && { datasetId }),
  };
}

/** What a row is called. */
export function nameOf(lesson: Lesson): string {
  const { kinds, rowName, vetoed } = text.lessons;
  const name = rowName(kinds[lesson.kind], lesson.question, answerOf(lesson));
  return lesson.vetoed ? `${name} ${vetoed}` : name;
}

/** The answer in words; an empty one is left to the plain model. */
export function answerOf({ answer }: Lesson): string {
  return answer.trim() === '' ? text.lessons.noAnswer : answer;
}
