import { join } from 'node:path';
import type { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import type { unlearnt } from '../../contract/methods/parts.ts';
import { withState } from '../facts/list-facts.ts';
import { eraseFreePages } from '../db/open-database.ts';
import {
  forgetFact,
  forgetFacts,
  isRebuildNeeded,
  unlearnNeverTrained,
  type ForgetResult,
} from '../retrain/forget.ts';
import { stepFacts } from '../retrain/step-facts.ts';
import type { HandlerInput } from './implementer.ts';

/** Handlers of `facts`. */
export function createFactHandlers({ os, services, dependencies, forgetInput }: HandlerInput) {
  const { facts, ledger } = services;

  return {
    list: os.facts.list.handler(({ input }) => {
      if (Object.values(input).every((field) => field === undefined))
        return { facts: facts.listWithStates().map(withState) };
      const page = facts.listPage(input);
      return { ...page, facts: page.facts.map(withState) };
    }),
    readAnswer: os.facts.readAnswer.handler(({ input }) => ({
      values: facts.readAnswer(input.attribute, input.answer),
    })),
    preview: os.facts.preview.handler(({ input }) => services.proposals.preview(input)),
    add: os.facts.add.handler(async ({ input: { ifOther, ...draft } }) => {
      const result = facts.add(draft, ifOther);
      const id = result.ids[0] ?? '';
      const fact = facts.get(id);
      const former = result.superseded > 0 && fact.current ? fact.supersedes : null;
      const replaced = former === null ? null : facts.get(former);
      return { ...result, id, fact, replaced, ...(await unlearn()) };
    }),
    import: os.facts.import.handler(async ({ input }) => ({
      ...facts.importFile(input.file),
      ...(await unlearn()),
    })),
    edit: os.facts.edit.handler(async ({ input: { id, ...change } }) => {
      const { fact, superseded } = facts.edit(id, change);
      return { id: fact.id, fact, superseded, ...(await unlearn()) };
    }),
    remove: os.facts.remove.handler(async ({ input: { id, allVersions } }) => {
      const forgotten = await forgetFact(forgetInput, id, { allVersions });
      return {
        ...describeForgotten(forgotten),
        statements: forgotten.removal.facts.map((fact) => fact.statement),
        activeAdapterId: forgotten.active?.id ?? null,
        otherVersions: [...forgotten.removal.otherVersions],
        ...beyondReach(forgotten.removal.factIds),
        ...mentionedBy(forgotten),
      };
    }),
    setMany: os.facts.setMany.handler(async ({ input: { where, set, dryRun } }) => {
      if (dryRun) return { matched: facts.selectStored(where).length, changed: 0 };
      return { ...facts.setMany(where, set), ...(await unlearn()) };
    }),
    removeMany: os.facts.removeMany.handler(async ({ input: { where, dryRun } }) => {
      const ids = facts.selectStored(where);
      const forgotten = dryRun || ids.length === 0 ? null : await forgetFacts(forgetInput, ids);
      return {
        ...describeForgotten(forgotten),
        ...(forgotten === null
          ? { exports: [], unknownAdapters: [] }
          : { ...beyondReach(forgotten.removal.factIds), ...mentionedBy(forgotten) }),
        matched: ids.length,
      };
    }),
    undo: os.facts.undo.handler(({ input }) => stepFacts(forgetInput, 'undo', input)),
    redo: os.facts.redo.handler(({ input }) => stepFacts(forgetInput, 'redo', input)),
    history: os.facts.history.handler(() => ({ changes: facts.history.list() })),
    clearHistory: os.facts.clearHistory.handler(() => {
      const cleared = facts.history.clear();
      if (cleared > 0) eraseFreePages(services.databases.profile);
      return { cleared };
    }),
    export: os.facts.export.handler(({ input: { format } }) => ({
      format,
      count: facts.count(),
      text: facts.export(format),
    })),
    get: os.facts.get.handler(({ input }) => services.factDetail(input.id)),
    facets: os.facts.facets.handler(() => facts.facets()),
    conflicts: os.facts.conflicts.handler(() => ({ conflicts: facts.conflicts() })),
    settle: os.facts.settle.handler(async ({ input }) => ({
      facts: facts.settle(input),
      ...(await unlearn()),
    })),
    tellWrong: os.facts.tellWrong.handler(({ input: { id, adapterId, wrong } }) => {
      const { statement } = facts.get(id);
      const version = adapterId ?? services.servingAdapter()?.id;
      return { statement, changed: version !== undefined && ledger.tellWrong(id, version, wrong) };
    }),
    importText: os.facts.importText.handler(async ({ input }) => ({
      ...facts.importText(input.name, input.text),
      ...(await unlearn()),
    })),
    importSample: os.facts.importSample.handler(() =>
      facts.importFile(join(dependencies.paths.resources, 'sample-person.json')),
    ),
  };

  function describeForgotten(forgotten: ForgetResult | null): {
    removed: string[];
    destroyedAdapters: string[];
    rebuildNeeded: boolean;
  } {
    return {
      removed: (forgotten?.removal.facts ?? []).map((fact) => fact.id),
      destroyedAdapters: [...(forgotten?.destroyedAdapters ?? [])],
      rebuildNeeded: isRebuildNeeded(services.databases.profile),
    };
  }

  /** What a change may have marked as never to be trained leaves every adapter that learnt it. */
  async function unlearn(): Promise<z.infer<typeof unlearnt>> {
    const gone = await unlearnNeverTrained(forgetInput);
    if (gone === null) return {};
    const { destroyedAdapters, rebuildNeeded, discardedRuns } = gone;
    return { destroyedAdapters: [...destroyedAdapters], rebuildNeeded, discardedRuns };
  }

  /** Conversations are their owner's own words and stay until they are removed. */
  function mentionedBy({ removal }: ForgetResult): { conversations: { id: string; title: string }[] } {
    return { conversations: services.conversations.mentioning(removal.facts.map((fact) => fact.value)) };
  }

  function beyondReach(factIds: readonly string[]) {
    const { exports, unknownAdapters } = services.interchange.beyondReach(factIds);
    return { exports: [...exports], unknownAdapters: [...unknownAdapters] };
  }
}

/** Nothing can be taught where nothing was told. */
export function assertFacts({ facts }: HandlerInput['services']): void {
  if (facts.count() > 0) return;
  throw new AppError('no-facts', 'There are no facts to learn yet.', {
    hint: 'Tell some first: keepsake facts add --attribute birthday --value "3 March 1990"',
  });
}
