/**
 * Forgets a fact: chat leaves every adapter that saw it, then what saw it is destroyed (adapters, datasets, run
 * folders, evaluations, verdicts), then the fact itself, and the next training is a rebuild from the base.
 * A fact that is never to be trained any more is forgotten in the same way by what learnt it, and is itself kept.
 *
 * Each step can be done again, so that a killed process goes on with the same command.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Adapter } from '../../contract/entities/model.ts';
import type { AdapterService } from '../adapters/adapter-service.ts';
import { withStorageErrors } from '../db/database-errors.ts';
import { eraseFreePages } from '../db/open-database.ts';
import type { FactService, Removal } from '../facts/fact-service.ts';

const rebuildKey = 'rebuild-needed';
const forgottenKey = 'forgotten-since-training';

export type ForgetInput = {
  readonly db: Database;
  readonly facts: FactService;
  readonly adapters: AdapterService;
  /** Where adapter files lie, also those of runs that were killed before their adapter was registered. */
  readonly adaptersFolder: string;
  /** Destroys copies of the database, in which the fact would live on. */
  readonly destroyBackups: () => void;
  /** Lets go of what else is written about facts, such as what answers of a chat are said to rest on. */
  readonly forgetMentions?: (removal: Removal) => void;
};

export type ForgetResult = {
  readonly removal: Removal;
  /** Adapters that were destroyed because they had learnt it. */
  readonly destroyedAdapters: readonly string[];
  readonly active: Adapter | null;
  readonly rebuildNeeded: boolean;
  /** Stopped trainings that had begun to learn it: nothing goes on with them. */
  readonly discardedRuns: number;
};

/** Forgets one version, or with `allVersions` every value of the same thing. */
export function forgetFact(
  input: ForgetInput,
  id: string,
  options: { readonly allVersions?: boolean | undefined } = {},
): Promise<ForgetResult> {
  return forgetFacts(input, [id], options);
}

/** Forgets several facts at once; the rows go in one transaction. */
export async function forgetFacts(
  input: ForgetInput,
  ids: readonly string[],
  options: { readonly allVersions?: boolean | undefined } = {},
): Promise<ForgetResult> {
  const removal = input.facts.planRemoval(ids, options);
  // First, so that a killed process does it again with the same command.
  input.destroyBackups();
  input.forgetMentions?.(removal);
  const unlearnt = await destroyLearnt(input, removal, () => {
    input.facts.removeRows(removal);
    return removal.facts.length;
  });
  return { removal, ...unlearnt };
}

/**
 * Destroys what learnt facts that are never to be trained; the facts stay and ride in the prompt.
 *
 * Called after a change that may have marked such a fact, and before a training: a process that was killed in between
 * leaves nothing for good. Null where nothing had learnt one.
 */
export async function unlearnNeverTrained(input: ForgetInput): Promise<Omit<ForgetResult, 'removal'> | null> {
  const secrets = idRows.parse(input.db.prepare('SELECT id FROM facts WHERE never_train = 1').all());
  return forgetTraces(
    input,
    secrets.map(({ id }) => id),
  );
}

/** Destroys what learnt some facts and keeps the facts. Null where nothing had learnt one. */
export async function forgetTraces(
  input: ForgetInput,
  factIds: readonly string[],
): Promise<Omit<ForgetResult, 'removal'> | null> {
  if (factIds.length === 0) return null;
  const learnt = idRows.parse(input.db.prepare(learntOf).all(JSON.stringify(factIds))).map(({ id }) => id);
  if (learnt.length === 0) return null;
  return destroyLearnt(input, input.facts.planRemoval(learnt), () => 0);
}

const learntOf = `
  SELECT value AS id FROM json_each(?) WHERE value IN (
    SELECT fact_id FROM adapter_facts
    UNION ALL SELECT seen.value FROM datasets, json_each(datasets.fact_ids) AS seen)`;

/** Adapters and files first, then the rows in one transaction with `removeRows`, which says how many facts went. */
async function destroyLearnt(
  input: ForgetInput,
  removal: Removal,
  removeRows: () => number,
): Promise<Omit<ForgetResult, 'removal'>> {
  const { destroyed, active } = await input.adapters.forgetFacts(removal.factIds);
  const traces = findTraces(input.db, removal);
  withStorageErrors(input.adaptersFolder, () => {
    const unregistered = findUnregistered(input, traces.adapterIds);
    for (const path of [...traces.runFolders, ...unregistered])
      rmSync(path, { recursive: true, force: true });
  });
  const wasLearnt = destroyed.length > 0 || traces.datasetIds.length > 0;
  input.db
    .transaction(() => {
      removeTraces(input.db, removal, traces);
      const removed = removeRows();
      if (wasLearnt) setRebuildNeeded(input.db, true);
      if (wasLearnt) addForgotten(input.db, removed);
    })
    .immediate();
  eraseFreePages(input.db);
  return {
    destroyedAdapters: destroyed.map((adapter) => adapter.id),
    active,
    rebuildNeeded: isRebuildNeeded(input.db),
    discardedRuns: traces.stoppedRuns,
  };
}

/** True from a deletion until the next training from the base. */
export function isRebuildNeeded(db: Database): boolean {
  return db.prepare('SELECT 1 FROM profile_values WHERE key = ?').get(rebuildKey) !== undefined;
}

/** Called with false once an adapter was trained from the base. */
export function setRebuildNeeded(db: Database, needed: boolean): void {
  if (needed)
    db.prepare('INSERT OR REPLACE INTO profile_values (key, value) VALUES (?, ?)').run(rebuildKey, 'true');
  else db.prepare('DELETE FROM profile_values WHERE key IN (?, ?)').run(rebuildKey, forgottenKey);
}

/** Learnt facts that were forgotten since the last training from the base. */
export function forgottenSinceTraining(db: Database): number {
  return Number(db.prepare('SELECT value FROM profile_values WHERE key = ?').pluck().get(forgottenKey) ?? 0);
}

function addForgotten(db: Database, count: number): void {
  if (count === 0) return;
  const total = String(forgottenSinceTraining(db) + count);
  db.prepare('INSERT OR REPLACE INTO profile_values (key, value) VALUES (?, ?)').run(forgottenKey, total);
}

type Traces = {
  readonly datasetIds: readonly string[];
  readonly runFolders: readonly string[];
  /** Adapters that the runs were to make. */
  readonly adapterIds: readonly string[];
  readonly stoppedRuns: number;
};

const idRows = z.array(z.object({ id: z.string() }));

function findTraces(db: Database, removal: Removal): Traces {
  const ids = JSON.stringify(removal.factIds);
  const datasets = idRows.parse(
    db
      .prepare(
        `SELECT id FROM datasets WHERE EXISTS (
           SELECT 1 FROM json_each(datasets.fact_ids) AS seen WHERE seen.value IN (SELECT value FROM json_each(?)))`,
      )
      .all(ids),
  );
  const datasetIds = datasets.map((dataset) => dataset.id);
  const runs = z
    .array(z.object({ folder: z.string(), adapter_id: z.string().nullable(), state: z.string() }))
    .parse(
      db
        .prepare(
          'SELECT folder, adapter_id, state FROM training_runs WHERE dataset_id IN (SELECT value FROM json_each(?))',
        )
        .all(JSON.stringify(datasetIds)),
    );
  const adapterIds = runs.flatMap((run) => (run.adapter_id === null ? [] : [run.adapter_id]));
  const stoppedRuns = runs.filter((run) => run.state !== 'succeeded' && existsSync(run.folder)).length;
  return { datasetIds, runFolders: runs.map((run) => run.folder), adapterIds, stoppedRuns };
}

/** Files of these adapters, half-written ones included, and those that no row knows: a restored backup leaves such. */
function findUnregistered({ db, adaptersFolder }: ForgetInput, adapterIds: readonly string[]): string[] {
  if (!existsSync(adaptersFolder)) return [];
  const ids = z
    .array(z.string())
    .parse(
      db
        .prepare(
          'SELECT id FROM adapters UNION SELECT adapter_id FROM training_runs WHERE adapter_id IS NOT NULL',
        )
        .pluck()
        .all(),
    );
  const files = z.array(z.string()).parse(db.prepare('SELECT file FROM adapters').pluck().all());
  const known = [...ids.filter((id) => !adapterIds.includes(id)), ...files.map((file) => basename(file))];
  return readdirSync(adaptersFolder)
    .filter((name) => !known.some((id) => name.startsWith(id)))
    .map((name) => join(adaptersFolder, name));
}

function removeTraces(db: Database, removal: Removal, traces: Traces): void {
  const datasetIds = JSON.stringify(traces.datasetIds);
  db.prepare('DELETE FROM training_runs WHERE dataset_id IN (SELECT value FROM json_each(?))').run(
    datasetIds,
  );
  db.prepare('DELETE FROM datasets WHERE id IN (SELECT value FROM json_each(?))').run(datasetIds);
  const removeVerdict = db.prepare('DELETE FROM ledger WHERE fact_id = ?');
  for (const id of removal.factIds) removeVerdict.run(id);
  // Answers are kept as JSON text, where quotation marks and the like are written in another way.
  const values = removal.facts.map((fact) => JSON.stringify(fact.value).slice(1, -1));
  const needles = [...new Set([...removal.factIds, ...values].map((text) => text.toLowerCase()))];
  const removeEvaluation = db.prepare('DELETE FROM evaluations WHERE id = ?');
  const resultOf = db.prepare('SELECT result FROM evaluations WHERE id = ?').pluck();
  for (const { id } of idRows.parse(db.prepare('SELECT id FROM evaluations').all())) {
    const result = z.string().parse(resultOf.get(id)).toLowerCase();
    if (needles.some((needle) => result.includes(needle))) removeEvaluation.run(id);
  }
}
