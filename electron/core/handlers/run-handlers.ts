import type { HandlerInput } from './implementer.ts';
import { notBuilt } from './not-built.ts';

/** Handlers of `runs`, `reports` and `lessons`. */
export function createRunHandlers({ os }: HandlerInput) {
  return {
    runs: {
      list: os.runs.list.handler(notBuilt),
      get: os.runs.get.handler(notBuilt),
      compare: os.runs.compare.handler(notBuilt),
    },
    reports: {
      get: os.reports.get.handler(notBuilt),
    },
    lessons: {
      list: os.lessons.list.handler(notBuilt),
      veto: os.lessons.veto.handler(notBuilt),
    },
  };
}
