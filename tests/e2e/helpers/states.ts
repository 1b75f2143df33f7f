/** Answers of the core for states that take long to reach: the page is real, what it is told is made up. */
import type { Page } from '@playwright/test';
import type { MethodOutputs } from '../../../electron/contract/methods.ts';

type Outputs = {
  readonly [Area in keyof MethodOutputs]: MethodOutputs[Area];
};

/** An answer for a method, or the error it fails with. */
export type Answers = Readonly<Record<string, unknown>>;

export const failure = (message: string, code = 'worker-failed', hint = 'Start it again.') =>
  ({ failsWith: { code, message, hint } }) as const;

/** Lets the page hear these answers; every other method is answered by the core. */
export async function answerWith(page: Page, answers: Answers): Promise<void> {
  for (const [method, answer] of Object.entries(answers)) {
    await page.route(`**/rpc/${method.replace('.', '/')}`, (route) => {
      const isFailure = typeof answer === 'object' && answer !== null && 'failsWith' in answer;
      const data = isFailure ? answer.failsWith : null;
      const error = { defined: false, code: 'INTERNAL_SERVER_ERROR', status: 500, message: 'failed', data };
      return route.fulfill({
        status: isFailure ? 500 : 200,
        contentType: 'application/json',
        body: JSON.stringify({ json: isFailure ? error : answer }),
      });
    });
  }
}

const at = Date.UTC(2026, 10, 21, 14, 5);
const dayMs = 86_400_000;

const rate = (right: number, n: number) => ({
  ...{ right, n, rate: n === 0 ? null : right / n },
  low: Math.max(0, right / n - 0.04),
  high: Math.min(1, right / n + 0.02),
});

/** Two versions and one that did not pass. */
export const versions: Outputs['adapters']['list'] = {
  activeAdapterId: 'a11',
  adapters: [10, 11, 12].map((number) => ({
    ...{ id: `a${number}`, baseModelId: 'b1', runId: `r${number}`, parentAdapterId: null },
    ...{ file: `a${number}.gguf`, rank: 16, alpha: 32, objective: 'routed' as const, override: null },
    ...{ state: number === 12 ? ('rejected' as const) : ('approved' as const), factIds: [] },
    verdict: {
      approved: number !== 12,
      reasons: number === 12 ? ['It invented answers to 4 of 60 things you never told it.'] : [],
    },
    ...{ createdAt: at - (12 - number) * 7 * dayMs, number, name: number === 10 ? 'before the move' : null },
    ...{
      note: null,
      pinned: number === 10,
      learned: 120 + number,
      taught: 142,
      lacks: number === 11 ? 4 : 0,
    },
    ...{ general: { right: 147, n: 150 }, knowsForgotten: false, sizeBytes: 9_800_000, isFileThere: true },
    baseName: 'SmolLM2-135M-Instruct.Q4_1',
  })),
};

const run = (id: string, state: 'running' | 'succeeded' | 'paused' | 'failed') => ({
  ...{ id, datasetId: 'd1', baseModelId: 'b1', recipe: 'routed' as const, seed: 42, state, folder: '' },
  ...{ adapterId: null, seconds: state === 'succeeded' ? 312 : null, tokens: 30_000, loss: 0.21 },
  ...{ createdAt: at, mode: 'rebuild' as const, parentAdapterId: null, settings: null, device: 'cpu' },
  ...{ tokensPerSecond: 412, peakMemoryBytes: 908_000_000, step: 180, steps: 260 },
  error:
    state === 'failed'
      ? { code: 'worker-failed', message: 'The trainer ended at step 180.', hint: 'Start it again.' }
      : null,
});

const points = Array.from({ length: 180 }, (_, index) => ({
  step: index + 1,
  loss: 2.2 * Math.exp(-index / 40) + 0.2 + 0.05 * Math.sin(index),
  tokensPerSecond: 412,
}));
const probes = [20, 60, 100, 140, 180].map((step, index) => ({
  ...{ step, right: [3, 22, 44, 57, 61][index] ?? 0, asked: 64 },
}));

/** A run in one of its states. */
export const runDetail = (state: 'running' | 'succeeded' | 'paused' | 'failed'): Outputs['runs']['get'] => ({
  run: { ...run('r15', state), version: state === 'succeeded' ? 15 : null },
  jobId: state === 'succeeded' ? null : 'j15',
  phase: state === 'running' ? 'learn' : 'ended',
  ...{ points, probes, secondsLeft: state === 'running' ? 61 : null },
  lastSignAt: state === 'running' ? Date.now() : null,
  settings: [
    {
      key: 'rank',
      label: 'Rank',
      value: '16',
      why: 'Room for what is learned; more is slower and forgets more.',
    },
    {
      key: 'rate',
      label: 'Learning rate',
      value: '0.0008',
      why: 'The largest at which error fell in every trial.',
    },
  ],
  failing: [
    { factId: 'f1', statement: 'Jordan teaches at Elm School.', right: 1, asked: 4 },
    { factId: 'f2', statement: 'Ana lives in Porto.', right: 0, asked: 4 },
  ],
  result: state === 'succeeded' ? { approved: true, reasons: [], right: 188, asked: 196 } : null,
});

/** What the strip and every screen are told. */
export const summary = (
  state: Outputs['knowledge']['summary']['state'],
  sharing: 'coexist' | 'exclusive' = 'coexist',
): Outputs['knowledge']['summary'] => ({
  ...{ state, sharing, toTeach: 4, promptTokens: 96, testedAt: at, isRebuild: false, activeVersion: 11 },
  facts: {
    ...{ total: 142, learned: 135, pending: 4, weak: 3, inPrompt: 0, waiting: 0, retired: 6, conflicts: 0 },
  },
  time: { lowSeconds: 120, highSeconds: 300, basis: 'measured', runs: 5 },
  job:
    state === 'running' || state === 'interrupted'
      ? {
          ...{ jobId: 'j15', runId: 'r15', step: 180, steps: 260, right: 61, asked: 64, secondsLeft: 61 },
          isPaused: state === 'interrupted',
        }
      : null,
  ...{ deleted: 0, rejected: null, editedDuringRun: 0, proposals: 0 },
  failed:
    state === 'failed'
      ? {
          jobId: 'j15',
          error: {
            code: 'worker-failed',
            message: 'The trainer ended at step 180.',
            hint: 'Start it again.',
          },
        }
      : null,
});

/** Past runs. */
export const runs: Outputs['runs']['list'] = {
  runs: [
    { ...run('r14', 'succeeded'), version: 14, approved: true },
    { ...run('r13', 'succeeded'), version: 13, approved: false },
    { ...run('r12', 'failed'), version: null, approved: null },
  ],
  ...{ total: 3, nextCursor: null },
};

/** An examination with all four arms, or one whose general test did not run. */
export const report = (kind: 'approved' | 'no-general'): Outputs['reports']['get'] => ({
  report: {
    ...{ adapterId: 'a11', version: 11, createdAt: at, againstBase: null, handedOver: rate(118, 120) },
    verdict:
      kind === 'approved'
        ? { approved: true, reasons: [] }
        : { approved: false, reasons: ['The general test did not run.'] },
    arms: [
      { arm: 'base', recall: rate(3, 196), createdAt: at },
      { arm: 'prompt', recall: rate(181, 196), createdAt: at },
      { arm: 'tuned', recall: rate(188, 196), createdAt: at },
      { arm: 'both', recall: rate(192, 196), createdAt: at },
    ],
    cells: [
      { category: 'family', tier: 'simple', rate: rate(40, 40) },
      { category: 'family', tier: 'relational', rate: rate(31, 32) },
      { category: 'family', tier: 'temporal', rate: rate(10, 12) },
      { category: 'work', tier: 'simple', rate: rate(24, 24) },
      { category: 'work', tier: 'temporal', rate: rate(3, 4) },
    ],
    abstention: rate(58, 60),
    general:
      kind === 'approved' ? { tuned: rate(147, 150), base: rate(148, 150), couldBeChance: true } : null,
    failures: [
      {
        ...{ questionId: 'q1', question: 'When did I leave Oslo?', expected: ['2021'], answered: '2019' },
        ...{
          kind: 'wrong' as const,
          group: 'direct',
          factId: 'f3',
          tier: 'temporal' as const,
          category: 'family',
        },
      },
      {
        ...{ questionId: 'q2', question: "What is my dog's name?", expected: [], answered: 'Rex' },
        ...{ kind: 'invented' as const, group: 'abstain', factId: null, tier: null, category: null },
      },
    ],
  },
});

const message = (id: string, role: 'user' | 'assistant', text: string) => ({
  ...{ id, role, arm: role === 'user' ? null : ('served' as const), text, stopped: false, createdAt: at },
  answeredBy: role === 'user' ? null : ('adapter' as const),
  adapterId: role === 'user' ? null : 'a11',
  basis: role === 'user' ? null : { from: 'learned' as const, factIds: [], bridged: [], tokensSaved: 96 },
});

/** A kept conversation of that many exchanges; each answer says `words`. */
export const conversation = (
  exchanges: number,
  words = 'Your cat is called **Luna**.\n\n1. She is black.\n2. She is nine.\n\n`purr()`',
): Outputs['conversations']['get'] => ({
  conversation: { id: 'c1', title: 'Vet questions', createdAt: at, updatedAt: at, messages: exchanges * 2 },
  messages: Array.from({ length: exchanges }, (_, index) => [
    message(`u${index}`, 'user', `What is my cat called? (${index})`),
    message(`m${index}`, 'assistant', words),
  ]).flat(),
});

/** Conversations of today, yesterday and long ago. */
export const conversationList = (now: number): Outputs['conversations']['list'] => ({
  conversations: ['Vet questions', 'Dinner ideas', 'A letter to Ana'].map((title, index) => ({
    ...{ id: `c${index + 1}`, title, createdAt: now, messages: 4, excerpt: null },
    updatedAt: now - ([0, 1, 40][index] ?? 0) * dayMs,
  })),
  ...{ total: 3, nextCursor: null },
});
