/**
 * Everything the app can do, on one page: `noun.verb`, one argument, one result, both plain JSON.
 *
 * Progress, answers and other streams are event iterators. Every call may be given an AbortSignal.
 */
import {
  eventIterator,
  oc,
  type InferContractRouterInputs,
  type InferContractRouterOutputs,
} from '@orpc/contract';
import { z } from 'zod';
import { chatAnswer, chatEvent, chatExplanation, chatRequest, chatSendRequest } from './entities/chat.ts';
import { armName, armResult, verdict } from './entities/evaluation.ts';
import { device } from './entities/device.ts';
import { fact, factDraft, ifOther, importResult } from './entities/fact.ts';
import { exportFormat, exportRecord, mergeType } from './entities/interchange.ts';
import { factChange, factFilter, factListRequest, factMarks } from './entities/fact-list.ts';
import { job } from './entities/job.ts';
import { factDetail, factFacets, factWithState } from './entities/ledger.ts';
import { draftEffect } from './entities/proposal.ts';
import { adapter, adapterVersion } from './entities/model.ts';
import { profile } from './entities/profile.ts';
import { status } from './entities/status.ts';
import { trainPlan } from './entities/train-plan.ts';
import { dataset, recipeName, sample } from './entities/training.ts';
import { conversations } from './methods/conversations.ts';
import { backups, data, localServerMethods, profileFiles } from './methods/data.ts';
import { models } from './methods/models.ts';
import { jobStarted, mentions, nothing, unlearnt } from './methods/parts.ts';
import { proposals } from './methods/proposals.ts';
import { lessons, reports, runs } from './methods/runs.ts';
import { events, knowledge, machine, settingsMethods } from './methods/system.ts';

export { downloadRequest, type DownloadRequest } from './methods/models.ts';

/** What a training is asked to do; the defaults are those of `keepsake train`. */
export const trainingRequest = z.object({
  base: z.string().optional(),
  recipe: recipeName.default('routed'),
  seed: z.number().int().default(42),
  /** A device's name; absent = the best that works and suffices. */
  device: z.string().optional(),
  resume: z.boolean().default(false),
  /** From the base, whatever has changed. */
  rebuild: z.boolean().default(false),
  /** Short rounds for facts that were not learnt. */
  repair: z.boolean().default(true),
});
export type TrainingRequest = z.infer<typeof trainingRequest>;

/** The whole API of the app. */
export const methods = {
  profiles: {
    /** Oldest first. */
    list: oc.input(nothing).output(z.object({ profiles: z.array(profile) })),
    add: oc.input(z.object({ name: z.string() })).output(z.object({ profile })),
    rename: oc.input(z.object({ id: z.string(), name: z.string() })).output(z.object({ profile })),
    /** Opened from the next start on; what is open stays open. */
    use: oc.input(z.object({ id: z.string() })).output(z.object({ profile })),
    /** Deletes all that is its own. The one that is open is refused. */
    remove: oc.input(z.object({ id: z.string() })).output(z.object({ removed: profile, current: profile })),
    ...profileFiles,
  },
  backups,
  data,
  localServer: localServerMethods,
  facts: {
    /**
     * All versions, oldest first, with derived facts and states. With any field given also how many fit in all, and
     * the cursor of the next page.
     */
    list: oc.input(factListRequest).output(
      z.object({
        facts: z.array(factWithState),
        total: z.number().int().optional(),
        nextCursor: z.string().nullable().optional(),
      }),
    ),
    /** One fact with what belongs to it. */
    get: oc.input(z.object({ id: z.string() })).output(factDetail),
    /** How many facts each category, tier and state holds; for filters. */
    facets: oc.input(nothing).output(factFacets),
    /** Values that contradict each other and wait to be settled. */
    conflicts: oc
      .input(nothing)
      .output(z.object({ conflicts: z.array(z.object({ left: factWithState, right: factWithState })) })),
    /**
     * Settles a conflict: one value is right (the other goes), both were true at different times (the other gets its
     * end), or both are true.
     */
    settle: oc
      .input(
        z.object({
          keep: z.string(),
          other: z.string(),
          how: z.enum(['one-right', 'different-times', 'both-true']),
          /** The day the other one ended; today where absent. */
          until: z.string().optional(),
        }),
      )
      .output(unlearnt.extend({ facts: z.array(factWithState) })),
    /** As `import`, of a text that a page has read; `name` ends in .json, .jsonl or .csv. */
    importText: oc
      .input(z.object({ name: z.string().max(500), text: z.string().max(20_000_000) }))
      .output(importResult.extend({ ...unlearnt.shape, ignoredFields: z.array(z.string()) })),
    /** A made-up person's facts, for a first look. */
    importSample: oc.input(nothing).output(importResult),
    /** The values in an answer to a question about an attribute, without the sentence around them. */
    readAnswer: oc
      .input(z.object({ attribute: z.string().max(200), answer: z.string().max(2000) }))
      .output(z.object({ values: z.array(factDraft.pick({ value: true, validFrom: true, validTo: true })) })),
    /** What `add` would do; nothing is saved. */
    preview: oc.input(factDraft).output(draftEffect),
    /** `replaced` is the value that ended by it. */
    add: oc
      .input(factDraft.extend({ ifOther: ifOther.default('replace') }))
      .output(importResult.extend({ ...unlearnt.shape, id: z.string(), fact, replaced: fact.nullable() })),
    /** A JSON array, JSON Lines or CSV file: imported as a whole or not at all. */
    import: oc
      .input(z.object({ file: z.string() }))
      .output(importResult.extend({ ...unlearnt.shape, ignoredFields: z.array(z.string()) })),
    edit: oc
      .input(
        z.object({
          id: z.string(),
          value: z.string().optional(),
          typo: z.boolean().optional(),
          validFrom: z.string().optional(),
          validTo: z.string().optional(),
          category: z.string().optional(),
          neverTrain: z.boolean().optional(),
        }),
      )
      .output(unlearnt.extend({ id: z.string(), fact, superseded: fact.nullable() })),
    /** Forgets: the fact, and everything that learnt it. */
    remove: oc.input(z.object({ id: z.string(), allVersions: z.boolean().optional() })).output(
      z.object({
        removed: z.array(z.string()),
        /** What they said. */
        statements: z.array(z.string()),
        destroyedAdapters: z.array(z.string()),
        activeAdapterId: z.string().nullable(),
        rebuildNeeded: z.boolean(),
        /** Other values of the same thing that are still kept. */
        otherVersions: z.array(z.string()),
        /** Files for other programs that hold it: no deletion reaches them. */
        exports: z.array(exportRecord),
        /** Imported adapters: nobody knows what they learnt. */
        unknownAdapters: z.array(z.string()),
        ...mentions,
      }),
    ),
    /**
     * An answer of a version (the active one, where none is named) about a fact was wrong: it is weak from now on, rides
     * in the prompt at once, and the next training teaches it more. `wrong: false` takes it back.
     */
    tellWrong: oc
      .input(z.object({ id: z.string(), adapterId: z.string().optional(), wrong: z.boolean().default(true) }))
      .output(z.object({ changed: z.boolean(), statement: z.string() })),
    /** Sets category, end or `neverTrain` of all stored facts that fit: one change, which an undo takes back. */
    setMany: oc
      .input(z.object({ where: factFilter, set: factMarks, dryRun: z.boolean().default(false) }))
      .output(unlearnt.extend({ matched: z.number().int(), changed: z.number().int() })),
    /** Forgets all stored facts that fit, as `remove` does. */
    removeMany: oc.input(z.object({ where: factFilter, dryRun: z.boolean().default(false) })).output(
      z.object({
        matched: z.number().int(),
        removed: z.array(z.string()),
        destroyedAdapters: z.array(z.string()),
        rebuildNeeded: z.boolean(),
        /** As with `remove`. */
        exports: z.array(exportRecord),
        unknownAdapters: z.array(z.string()),
        ...mentions,
      }),
    ),
    /** Takes back the last change; `unlearn` allows for destroying adapters that learnt what it takes away. */
    undo: oc
      .input(z.object({ unlearn: z.boolean().optional() }))
      .output(unlearnt.extend({ change: factChange })),
    redo: oc
      .input(z.object({ unlearn: z.boolean().optional() }))
      .output(unlearnt.extend({ change: factChange })),
    /** Newest first. */
    history: oc.input(nothing).output(z.object({ changes: z.array(factChange) })),
    /** Erases what an undo would need; the facts stay. */
    clearHistory: oc.input(nothing).output(z.object({ cleared: z.number().int() })),
    export: oc
      .input(z.object({ format: z.enum(['json', 'csv']) }))
      .output(z.object({ format: z.enum(['json', 'csv']), count: z.number().int(), text: z.string() })),
  },
  models,
  datasets: {
    build: oc
      .input(
        z.object({
          recipe: recipeName.default('routed'),
          base: z.string().optional(),
          seed: z.number().int().default(42),
        }),
      )
      .output(z.object({ dataset })),
    show: oc
      .input(z.object({ id: z.string().optional() }))
      .output(z.object({ dataset, samples: z.array(sample) })),
  },
  generalAnswers: {
    /**
     * What the base says to the general prompts of the recipe `standalone`; kept for each base, so that a stopped one
     * goes on and a finished one is done at once. Its job's result is `{asked, kept}`.
     */
    start: oc
      .input(
        z.object({
          base: z.string().optional(),
          recipe: recipeName.default('standalone'),
          seed: z.number().int().default(42),
        }),
      )
      .output(jobStarted),
  },
  training: {
    /** What `start` would do with the same input; reads only, also beside another process. */
    plan: oc.input(trainingRequest).output(trainPlan),
    /** Dataset, worker, candidate, evaluation, gate; its job's result is a training report. */
    start: oc.input(trainingRequest).output(jobStarted),
  },
  devices: {
    /** What can train here, best first, the processor last; also what is there but cannot be used, with the reason. */
    list: oc.input(nothing).output(z.object({ devices: z.array(device) })),
  },
  adapters: {
    list: oc
      .input(nothing)
      .output(z.object({ activeAdapterId: z.string().nullable(), adapters: z.array(adapterVersion) })),
    /** A name, a note, a pin; only what is given changes. */
    describe: oc
      .input(
        z.object({
          id: z.string(),
          name: z.string().max(100).nullable().optional(),
          note: z.string().max(2000).nullable().optional(),
          pinned: z.boolean().optional(),
        }),
      )
      .output(z.object({ adapter: adapterVersion })),
    /** One that did not pass the gate needs `override`, a reason that is kept with it. */
    activate: oc
      .input(z.object({ id: z.string(), override: z.string().optional() }))
      .output(z.object({ activeAdapterId: z.string(), adapter })),
    /** Its job's result is an export result. */
    export: oc
      .input(
        z.object({
          id: z.string(),
          format: exportFormat,
          output: z.string(),
          force: z.boolean().default(false),
        }),
      )
      .output(jobStarted),
    /** A GGUF file or a folder of PEFT; the adapter is a candidate without a verdict. */
    import: oc
      .input(z.object({ path: z.string(), base: z.string().optional(), force: z.boolean().default(false) }))
      .output(
        z.object({
          id: z.string(),
          added: z.boolean(),
          adapter,
          baseName: z.string(),
          notes: z.array(z.string()),
        }),
      ),
    delete: oc
      .input(z.object({ id: z.string() }))
      .output(z.object({ deleted: z.string(), exports: z.array(exportRecord) })),
    /** Puts one to the test of a training; its job's result is `judged`. An imported one proves no fact. */
    judge: oc.input(z.object({ id: z.string() })).output(jobStarted),
    /** What was written for other programs, newest first. */
    exports: oc.input(nothing).output(z.object({ exports: z.array(exportRecord) })),
    /** Writes one GGUF with the adapter in its weights; its job's result is a merge result. */
    merge: oc
      .input(
        z.object({
          adapter: z.string().optional(),
          type: mergeType,
          output: z.string(),
          force: z.boolean().default(false),
        }),
      )
      .output(jobStarted),
    rollback: oc.input(nothing).output(
      z.object({
        activeAdapterId: z.string().nullable(),
        previousAdapterId: z.string().nullable(),
        message: z.string(),
      }),
    ),
  },
  evaluations: {
    /** Its job's result is one arm, or `{arms}` when several were asked for. */
    start: oc
      .input(
        z.object({
          adapter: z.string().optional(),
          arm: z.enum([...armName.options, 'all']).default('tuned'),
          /** JSON Lines of question lines, in place of the app's own questions. */
          questionsFile: z.string().optional(),
          /** Few questions, for a first look that proves nothing. */
          quick: z.boolean().default(false),
        }),
      )
      .output(jobStarted),
  },
  chat: {
    ask: oc.input(chatRequest).output(chatAnswer),
    send: oc.input(chatSendRequest).output(eventIterator(chatEvent)),
    /** Asks again with the fact hidden and without the adapter: turns "matches" into "checked" or into a guess. */
    explain: oc.input(z.object({ messageId: z.string() })).output(chatExplanation),
    /** Questions about own facts, for an empty chat. */
    suggestions: oc.input(nothing).output(z.object({ questions: z.array(z.string()) })),
  },
  jobs: {
    get: oc.input(z.object({ jobId: z.string() })).output(job),
    /** What runs, waits, is paused or was interrupted, newest first. */
    list: oc.input(nothing).output(z.object({ jobs: z.array(job) })),
    /** Works from a second process too: the one that holds the data folder is told. */
    cancel: oc.input(z.object({ jobId: z.string() })).output(job),
    /** What was done is kept; the job is `paused` once its work has stopped. Works from a second process too. */
    pause: oc.input(z.object({ jobId: z.string() })).output(job),
    /** Begins a job that goes on with one that is paused or was interrupted. */
    resume: oc.input(z.object({ jobId: z.string() })).output(jobStarted),
    /** The job now and after each change, until it has ended. */
    watch: oc.input(z.object({ jobId: z.string() })).output(eventIterator(job)),
  },
  conversations,
  proposals,
  runs,
  reports,
  lessons,
  knowledge,
  settings: settingsMethods,
  machine,
  events,
  status: {
    get: oc.input(nothing).output(status),
  },
};

export type Methods = typeof methods;
export type MethodInputs = InferContractRouterInputs<Methods>;
export type MethodOutputs = InferContractRouterOutputs<Methods>;

/** What a judging job gives. */
export const judged = z.object({ adapterId: z.string(), verdict });

/** What an evaluation job gives. */
export const evaluationResult = z.union([armResult, z.object({ arms: z.record(z.string(), armResult) })]);
