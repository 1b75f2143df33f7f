import type { HandlerInput } from './implementer.ts';

/** Handlers of `runs`, `reports` and `lessons`. */
export function createRunHandlers({ os, services }: HandlerInput) {
  return {
    runs: {
      list: os.runs.list.handler(({ input }) => services.runs.list(input)),
      get: os.runs.get.handler(({ input }) => services.runs.get(input.id)),
      compare: os.runs.compare.handler(({ input }) => services.runs.compare(input)),
    },
    reports: {
      get: os.reports.get.handler(({ input }) => ({ report: services.report(input.adapterId) })),
    },
    lessons: {
      list: os.lessons.list.handler(({ input }) => services.lessons.list(input)),
      veto: os.lessons.veto.handler(({ input }) => services.lessons.veto(input.id, input.vetoed)),
    },
  };
}
