import { oc } from '@orpc/contract';
import { z } from 'zod';
import { evaluationReport } from '../entities/report.ts';
import { lesson } from '../entities/lesson.ts';
import { runComparison, runDetail } from '../entities/run-detail.ts';
import { dataset, sampleKind, trainingRun } from '../entities/training.ts';
import { page } from './parts.ts';

const listedRun = trainingRun.extend({
  version: z.number().int().nullable(),
  /** Null where it made no version or that one was never judged. */
  approved: z.boolean().nullable(),
});

/** Trainings as they are kept. */
export const runs = {
  /** Newest first. */
  list: oc
    .input(z.object(page))
    .output(
      z.object({ runs: z.array(listedRun), total: z.number().int(), nextCursor: z.string().nullable() }),
    ),
  get: oc.input(z.object({ id: z.string() })).output(runDetail),
  compare: oc.input(z.object({ a: z.string(), b: z.string() })).output(runComparison),
};

/** Examinations as they are kept. */
export const reports = {
  /** Of a version; absent: of the active one, else of the newest. Null before the first examination. */
  get: oc
    .input(z.object({ adapterId: z.string().optional() }))
    .output(z.object({ report: evaluationReport.nullable() })),
};

/** The dataset of the next training as lessons, and the questions that are never taught. */
export const lessons = {
  list: oc
    .input(
      z.object({
        search: z.string().max(2000).optional(),
        factId: z.string().optional(),
        kind: z.enum([...sampleKind.options, 'test']).optional(),
        /** A past dataset, read-only; absent: what the next training would teach. */
        datasetId: z.string().optional(),
        ...page,
      }),
    )
    .output(
      z.object({
        lessons: z.array(lesson),
        total: z.number().int(),
        nextCursor: z.string().nullable(),
        counts: z.record(z.string(), z.number().int()),
        datasets: z.array(dataset),
        /** Facts whose lessons are in the list: of very many, a part; `factId` shows those of any. */
        facts: z.object({ shown: z.number().int(), all: z.number().int() }).optional(),
      }),
    ),
  /** Keeps a lesson out of the next training, or a question out of the test; or lets it back in. */
  veto: oc
    .input(z.object({ id: z.string(), vetoed: z.boolean() }))
    .output(z.object({ id: z.string(), vetoed: z.boolean(), testsLeft: z.number().int().nullable() })),
};
