import { useLocation } from 'wouter';
import type { Lesson } from '../../../electron/contract/entities/lesson.ts';
import { Button } from '../../components/button.tsx';
import { text } from '../../text/en.ts';
import { answerOf } from './lesson-rules.ts';

export type LessonPaneProps = {
  readonly lesson: Lesson;
  /** What was taught stays as it was. */
  readonly isReadOnly: boolean;
  readonly onVeto: (lesson: Lesson) => Promise<unknown>;
};

/** One lesson or test as the model meets it. */
export function LessonPane({ lesson, isReadOnly, onVeto }: LessonPaneProps) {
  const [, navigate] = useLocation();
  const { lessons } = text;
  const isTest = lesson.kind === 'test';
  const [factId] = lesson.factIds;
  const standing = lesson.messages.filter(({ role }) => role === 'system');
  return (
    <div className="stack">
      <div className="stack-small">
        <h2>{lesson.question}</h2>
        <p className="meta">
          {lessons.kinds[lesson.kind]}. {lessons.kindMeanings[lesson.kind]}
        </p>
      </div>
      <dl className="stack-small">
        <div>
          <dt className="meta">{lessons.answer}</dt>
          <dd>{answerOf(lesson)}</dd>
        </div>
        {lesson.about !== null && (
          <div>
            <dt className="meta">{text.facts.pane}</dt>
            <dd>{lesson.about}</dd>
          </div>
        )}
        <div>
          <dt className="meta">{lessons.family}</dt>
          <dd>
            <code>{lesson.family}</code>
          </dd>
        </div>
        {standing.length > 0 && (
          <div>
            <dt className="meta">{lessons.stands}</dt>
            <dd className="lesson-prompt">{standing.map(({ content }) => content).join('\n')}</dd>
          </div>
        )}
      </dl>
      {!isReadOnly && (
        <>
          <div className="line">
            <Button onPress={() => void onVeto(lesson)}>
              {lesson.vetoed ? lessons.unveto : lessons.veto}
            </Button>
            {factId !== undefined && (
              <Button onPress={() => navigate(`/facts/${factId}`)}>{lessons.toFact}</Button>
            )}
          </div>
          <p className="meta">{isTest ? lessons.vetoTestNote : lessons.vetoNote}</p>
          {factId !== undefined && <p className="meta">{lessons.wordsNote}</p>}
        </>
      )}
    </div>
  );
}
