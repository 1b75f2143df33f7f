import { Lock } from 'lucide-react';
import { useCallback, useMemo, useState, type KeyboardEvent } from 'react';
import { useLocation } from 'wouter';
import type { Lesson } from '../../../electron/contract/entities/lesson.ts';
import { useHashQuery, useQueryFields } from '../../client/hash-location.ts';
import { Button } from '../../components/button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { SelectField } from '../../components/select-field.tsx';
import { VirtualGrid } from '../../components/virtual-grid.tsx';
import { Screen } from '../../shell/screen.tsx';
import { useAct, useApp, useClient } from '../../state/use-app.ts';
import { useRows } from '../../state/use-rows.ts';
import type { MethodOutputs } from '../../../electron/contract/methods.ts';
import { text } from '../../text/en.ts';
import { LessonPane } from './lesson-pane.tsx';
import { answerOf, kindNames, nameOf, parseView, requestOf, type KindName } from './lesson-rules.ts';
import { useVeto } from './use-veto.ts';

type Page = MethodOutputs['lessons']['list'];

/** What the next training teaches and asks, or what a past one taught. */
export function LessonsScreen() {
  const client = useClient();
  const act = useAct();
  const veto = useVeto();
  const [, navigate] = useLocation();
  const query = useHashQuery();
  const [fields, change] = useQueryFields();
  const view = parseView(fields);
  const request = useMemo(() => requestOf(parseView(new URLSearchParams(query))), [query]);
  const density = useApp((state) => state.settings?.density ?? 'comfortable');
  const areLettersOn = useApp((state) => state.settings?.letterKeys ?? true);
  const hasFacts = useApp((state) => (state.summary?.facts.total ?? 1) > 0);
  const [openId, setOpenId] = useState<string | null>(null);
  const [focusOn, setFocusOn] = useState<{ readonly key: string } | null>(null);
  const [about, setAbout] = useState<Pick<Page, 'counts' | 'datasets'> | null>(null);
  const search = useCallback((value: string) => change({ q: value }), [change]);
  const isReadOnly = view.datasetId !== null;
  const { lessons } = text;

  const { rows, total, isLoading, error, reload, need } = useRows<Lesson>(
    JSON.stringify(request),
    async (page, signal) => {
      const found = await client.lessons.list({ ...request, ...page }, { signal });
      setAbout({ counts: found.counts, datasets: found.datasets });
      return { ...found, rows: found.lessons };
    },
    ['facts', 'datasets'],
  );
  const open = rows.find(({ id }) => id === openId) ?? null;
  const isFiltered = Object.keys(request).some((name) => name !== 'datasetId');
  const counts = about?.counts ?? {};
  const [shownFact] = rows;

  function onRowKey(event: KeyboardEvent, lesson: Lesson): boolean {
    if (!areLettersOn || event.ctrlKey || event.metaKey || event.altKey) return false;
    const [factId] = lesson.factIds;
    switch (event.key) {
      case 'v':
        if (!isReadOnly) void veto(lesson);
        return true;
      case 'e':
      case 'f':
        if (factId !== undefined) navigate(`/facts/${factId}`);
        return true;
      default:
        return false;
    }
  }

  return (
    <Screen
      title={lessons.title}
      aside={about === null || !hasFacts ? null : countedWords(counts)}
      isFilled
      primary={
        hasFacts && !isReadOnly ? (
          <Button
            kind="primary"
            onPress={() => void act(() => client.datasets.build({}), { said: lessons.rebuilt }).then(reload)}
          >
            {lessons.rebuild}
          </Button>
        ) : undefined
      }
      pane={
        open === null ? null : (
          <LessonPane key={open.id} lesson={open} isReadOnly={isReadOnly} onVeto={veto} />
        )
      }
      paneLabel={lessons.pane}
      onClosePane={() => {
        setOpenId(null);
        if (openId !== null) setFocusOn({ key: openId });
      }}
    >
      {hasFacts ? (
        <>
          <div className="list-bar">
            <SearchField label={lessons.search} value={view.search} onSearch={search} />
            <div className="lesson-select">
              <SelectField<KindName | 'all'>
                label={lessons.kind}
                isLabelHidden
                value={view.kind ?? 'all'}
                options={(['all', ...kindNames] as const).map((kind) => ({
                  value: kind,
                  label: lessons.kinds[kind],
                }))}
                onChange={(kind) => change({ kind: kind === 'all' ? null : kind, split: null })}
              />
            </div>
            <div className="lesson-select">
              <SelectField
                label={lessons.dataset}
                isLabelHidden
                value={view.datasetId ?? ''}
                options={[
                  { value: '', label: lessons.nextTraining },
                  ...(about?.datasets ?? []).map(({ id, createdAt }) => ({
                    value: id,
                    label: lessons.past(createdAt),
                  })),
                ]}
                onChange={(dataset) => change({ dataset })}
              />
            </div>
            {view.factId !== null && (
              <Button onPress={() => change({ fact: null })}>{aboutWords(shownFact)} ×</Button>
            )}
          </div>
          {error !== null && <ErrorNote error={error} onRetry={reload} />}
          {rows.length === 0 && isLoading && <Loading what={lessons.list.toLowerCase()} />}
          {rows.length === 0 && !isLoading && error === null && (
            <EmptyState
              title={lessons.noneFound}
              action={isFiltered && <Button onPress={() => navigate('/lessons')}>{lessons.clear}</Button>}
            >
              <p>{lessons.noneFoundWords}</p>
            </EmptyState>
          )}
          {rows.length > 0 && (
            <div className="list-frame">
              <VirtualGrid
                label={lessons.list}
                rows={rows}
                total={total}
                rowHeight={density === 'compact' ? 32 : 40}
                keyOf={lessonKey}
                nameOf={nameOf}
                renderRow={renderLesson}
                onNeed={need}
                onOpen={(lesson) => setOpenId(lesson.id)}
                onRowKey={onRowKey}
                openKey={openId}
                focusOn={focusOn}
              />
            </div>
          )}
        </>
      ) : (
        <LessonsEmpty onAdd={() => navigate('/facts/new')} />
      )}
    </Screen>
  );
}

function LessonsEmpty({ onAdd }: { readonly onAdd: () => void }) {
  const { lessons } = text;
  return (
    <EmptyState
      title={lessons.emptyTitle}
      example={
        <ul className="lesson-examples">
          {lessons.example.map(([kind, question, answer]) => (
            <li key={question}>
              <span className="lesson-kind">{lessons.kinds[kind]}</span>
              <span>{question}</span>
              <span className="muted">{answer}</span>
            </li>
          ))}
        </ul>
      }
      action={<Button onPress={onAdd}>{lessons.addFact}</Button>}
    >
      <p>{lessons.emptyWords}</p>
    </EmptyState>
  );
}

function countedWords(counts: Readonly<Record<string, number>>): string {
  const of = (kind: string) => counts[kind] ?? 0;
  return text.lessons.counted(
    of('fact') + of('bridge'),
    of('unknown'),
    of('pass') + of('general'),
    of('test'),
  );
}

const lessonKey = (lesson: Lesson): string => lesson.id;
const renderLesson = (lesson: Lesson) => (
  <>
    <span className={`lesson-kind${lesson.kind === 'test' ? ' is-test' : ''}`}>
      {lesson.kind === 'test' && <Lock aria-hidden size={12} />}
      {text.lessons.kinds[lesson.kind]}
    </span>
    <span className={`row-main${lesson.vetoed ? ' is-vetoed' : ''}`}>{lesson.question}</span>
    <span className="row-main muted">{answerOf(lesson)}</span>
    {lesson.vetoed && <span className="chip chip-weak">{text.lessons.vetoed}</span>}
  </>
);

function aboutWords(lesson: Lesson | undefined): string {
  const about = lesson?.about ?? null;
  return about === null ? text.lessons.allFacts : text.lessons.ofFact(about);
}
