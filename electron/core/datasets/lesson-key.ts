/** What a lesson or a test question is known by when everything is built again: its facts, its form and its words. */
import { hash } from 'node:crypto';
import type { Question } from '../../contract/entities/evaluation.ts';
import type { Sample } from '../../contract/entities/training.ts';

export type LessonSplit = Sample['split'];

/** The last thing that is said to the model before it answers. */
export function questionOf(sample: Pick<Sample, 'messages'>): string {
  return sample.messages.at(-1)?.content ?? '';
}

/** The key of a sample. Ids of facts keep a kept key from telling what a forgotten fact was. */
export function keyOfSample(sample: Sample): string {
  const question = questionOf(sample);
  if (sample.split !== 'train') return keyOf(sample.split, [sample.family, question]);
  // The same words with the fact in the prompt are another lesson.
  return keyOf('train', [sample.kind, ...sample.factIds, sample.family, question, sample.answer]);
}

/** The key of a question of the examination; the same words are the same question in whichever group they stand. */
export function keyOfQuestion({ id, group, question }: Question): string {
  return keyOf(group === 'probe' ? 'probe' : 'test', [familyOf(id), question]);
}

/** The form of a question: the end of its id. */
export function familyOf(questionId: string): string {
  return questionId.slice(questionId.lastIndexOf('/') + 1);
}

function keyOf(split: LessonSplit, parts: readonly string[]): string {
  return `${split}-${hash('sha256', parts.join('\n'), 'hex').slice(0, 24)}`;
}
