/**
 * The lessons of the next training and the questions of its test, to be read, and turned down one by one.
 *
 * They are built in memory as a training would build them, in slices, and kept until facts or versions change, so that a
 * page costs nothing. Of very many facts the lessons of a part are shown: those that are taught next, or those of a fact.
 */
import { createHash } from 'node:crypto';
import type { Question } from '../../contract/entities/evaluation.ts';
import type { Fact } from '../../contract/entities/fact.ts';
import type { Lesson } from '../../contract/entities/lesson.ts';
import type { BaseModel } from '../../contract/entities/model.ts';
import type { Dataset } from '../../contract/entities/training.ts';
import { AppError } from '../../contract/errors.ts';
import type { DatasetService } from '../datasets/dataset-service.ts';
import type { Clock } from '../dependencies.ts';
import { takeInSlices, type Steps } from '../util/slices.ts';
import { fingerprintSteps } from './fingerprints.ts';
import {
  countKinds,
  filterLessons,
  listLessons,
  type LessonFilter,
  type ListedLesson,
} from './lesson-list.ts';
import type { Planned, PlanRequest } from './planner.ts';

/** Facts whose lessons are built for one look. */
export const mostFacts = 400;
/** Lists that are kept. */
const keptLists = 4;

export type LessonServiceInput = {
  readonly datasets: Pick<DatasetService, 'liveFacts' | 'look' | 'list' | 'show'>;
  readonly plan: (request: PlanRequest, base: BaseModel) => Planned;
  /** Takes in slices what takes long of a plan. Defaults to nothing. */
  readonly preparePlan?: () => Promise<void>;
  /** What the next training takes when nothing else is said. */
  readonly request: PlanRequest;
  readonly resolveBase: () => Promise<BaseModel>;
  readonly heldOut: (facts: readonly Fact[], others: readonly Fact[]) => Steps<readonly Question[]>;
  readonly vetoes: {
    readonly keys: () => ReadonlySet<string>;
    readonly insert: (key: string, factId: string | null, at: number) => void;
    readonly remove: (key: string) => void;
  };
  /** A number that grows with every change of the profile. */
  readonly changes: () => number;
  readonly clock: Clock;
};

export type LessonRequest = LessonFilter & {
  readonly datasetId?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
};

export type LessonPage = {
  readonly lessons: Lesson[];
  readonly total: number;
  readonly nextCursor: string | null;
  readonly counts: Record<string, number>;
  readonly datasets: Dataset[];
  /** Facts whose lessons are in the list, and all that would be taught. */
  readonly facts: { readonly shown: number; readonly all: number };
};

type Built = {
  readonly lessons: readonly ListedLesson[];
  readonly statements: ReadonlyMap<string, string>;
  readonly facts: LessonPage['facts'];
};

export type LessonService = ReturnType<typeof createLessonService>;

/** Use cases of lessons. */
export function createLessonService(input: LessonServiceInput) {
  const { datasets, vetoes } = input;
  const kept = new Map<string, Built>();
  /** Lists that are being built: who asks meanwhile waits for the same one. */
  const building = new Map<string, Promise<Built>>();
  /** The list of a fact (or of all) at a number of changes: the same number is the same list. */
  const seen = new Map<string, { readonly changes: number; readonly key: string }>();

  async function planNow(): Promise<{ base: BaseModel | null; planned: Planned | null }> {
    try {
      const base = await input.resolveBase();
      await input.preparePlan?.();
      return { base, planned: input.plan(input.request, base) };
    } catch {
      // Before there is a base model the lessons can be read all the same.
      return { base: null, planned: null };
    }
  }

  async function keep(key: string, make: () => Steps<Built>): Promise<Built> {
    const known = kept.get(key);
    const begun = known === undefined ? building.get(key) : undefined;
    if (begun !== undefined) return begun;
    const making = known === undefined ? takeInSlices(make()) : Promise.resolve(known);
    if (known === undefined) building.set(key, making);
    try {
      const built = await making;
      kept.delete(key);
      kept.set(key, built);
      const [oldest] = kept.keys();
      if (kept.size > keptLists && oldest !== undefined) kept.delete(oldest);
      return built;
    } finally {
      building.delete(key);
    }
  }

  async function buildNext(factId: string | undefined): Promise<Built> {
    const look = factId ?? '';
    const changes = input.changes();
    const before = seen.get(look);
    const known = before?.changes === changes ? kept.get(before.key) : undefined;
    if (known !== undefined) return known;
    const all = datasets.liveFacts();
    if (all.length === 0) return { lessons: [], statements: new Map(), facts: { shown: 0, all: 0 } };
    const { base, planned } = await planNow();
    const warm = planned?.warm;
    const first = new Set([...(warm?.taught ?? []), ...(warm?.weak ?? [])]);
    const facts = chooseFacts(all, factId, first);
    const key = await takeInSlices(hash([base?.id, warm, facts.length === all.length ? '' : look], all));
    seen.set(look, { changes, key });
    if (seen.size > 1_000) seen.clear();
    return keep(key, function* () {
      const chosen = new Set(facts);
      const others = all.filter((fact) => !chosen.has(fact));
      const { recipe, seed } = input.request;
      const built = yield* datasets.look({ recipe, seed, baseModelId: base?.id ?? '', warm }, facts, others);
      return {
        lessons: yield* listLessons(
          [...built.samples, ...built.probes],
          yield* input.heldOut(facts, others),
          facts,
        ),
        statements: new Map(all.map((fact) => [fact.id, fact.statement])),
        facts: { shown: facts.length, all: all.length },
      };
    });
  }

  function buildPast(datasetId: string): Promise<Built> {
    return keep(`past ${datasetId}`, function* () {
      const { dataset, samples } = datasets.show(datasetId);
      const facts = datasets.liveFacts();
      return {
        lessons: yield* listLessons(samples, [], facts),
        statements: new Map(facts.map((fact) => [fact.id, fact.statement])),
        facts: { shown: dataset.factIds.length, all: dataset.factIds.length },
      };
    });
  }

  return {
    list: async ({ datasetId, limit, cursor, ...filter }: LessonRequest): Promise<LessonPage> => {
      const built = await (datasetId === undefined ? buildNext(filter.factId) : buildPast(datasetId));
      const from = cursor === undefined ? 0 : Number(cursor);
      if (!Number.isInteger(from) || from < 0) {
        throw new AppError('invalid-input', 'The page is not one of this list.');
      }
      const found = filterLessons(built.lessons, filter);
      const to = from + limit;
      const unwanted = datasetId === undefined ? vetoes.keys() : new Set<string>();
      return {
        lessons: found.slice(from, to).map(({ text: _text, ...lesson }) => ({
          ...lesson,
          about: built.statements.get(lesson.factIds[0] ?? '') ?? null,
          vetoed: unwanted.has(lesson.id),
        })),
        total: found.length,
        nextCursor: to < found.length ? String(to) : null,
        counts: countKinds(built.lessons),
        datasets: datasets.list(),
        facts: built.facts,
      };
    },

    /** Turns a lesson or a question down, or lets it back in. `testsLeft`: questions about its fact that are asked. */
    veto: async (
      id: string,
      vetoed: boolean,
    ): Promise<{ id: string; vetoed: boolean; testsLeft: number | null }> => {
      const lists = [...kept.values(), ...(kept.size === 0 ? [await buildNext(undefined)] : [])];
      const built = lists.find((each) => each.lessons.some((lesson) => lesson.id === id));
      const lesson = built?.lessons.find((each) => each.id === id);
      if (!vetoed) vetoes.remove(id);
      if (lesson === undefined) {
        if (!vetoed) return { id, vetoed, testsLeft: null };
        throw new AppError('not-found', 'That lesson no longer exists: the facts have changed since.', {
          hint: 'Look at the lessons again.',
        });
      }
      const factId = lesson.factIds[0] ?? null;
      if (vetoed) vetoes.insert(id, factId, input.clock.now());
      if (lesson.split !== 'test' || factId === null) return { id, vetoed, testsLeft: null };
      const unwanted = vetoes.keys();
      const tests = (built?.lessons ?? []).filter(
        (each) => each.split === 'test' && each.factIds[0] === factId && !unwanted.has(each.id),
      );
      return { id, vetoed, testsLeft: tests.length };
    },
  };
}

/** All of them, or of very many a part: those of one fact's thing, else those that are taught next, then the first. */
function chooseFacts(
  all: readonly Fact[],
  factId: string | undefined,
  first: ReadonlySet<string>,
): readonly Fact[] {
  if (all.length <= mostFacts) return all;
  const asked = all.find((fact) => fact.id === factId);
  if (asked !== undefined) {
    return all.filter(
      (fact) =>
        fact.subject === asked.subject && fact.kind === asked.kind && fact.attribute === asked.attribute,
    );
  }
  const chosen = new Set(
    [...all.filter((fact) => first.has(fact.id)), ...all].slice(0, mostFacts + first.size),
  );
  const kept = new Set([...chosen].slice(0, mostFacts));
  return all.filter((fact) => kept.has(fact));
}

/** What the lessons of facts rest on, as one short text. */
function* hash(parts: readonly unknown[], facts: readonly Fact[]): Steps<string> {
  const sum = createHash('sha256').update(JSON.stringify(parts));
  let count = 0;
  for (const [id, fingerprint] of yield* fingerprintSteps(facts)) {
    sum.update(`\n${id} ${fingerprint}`);
    count += 1;
    if (count % 1_000 === 0) yield;
  }
  return sum.digest('hex');
}
