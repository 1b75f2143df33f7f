import { stepFacts } from '../retrain/step-facts.ts';
import { unlearnNeverTrained } from '../retrain/forget.ts';
import type { HandlerInput } from './implementer.ts';

/** Handlers of `proposals`. */
export function createProposalHandlers({ os, services, forgetInput }: HandlerInput) {
  const { proposals } = services;

  return {
    extract: os.proposals.extract.handler(({ input }) => proposals.extract(input.text, input.source)),
    list: os.proposals.list.handler(({ input }) => proposals.list(input)),
    accept: os.proposals.accept.handler(async ({ input }) => {
      const accepted = proposals.accept(input.id, input.draft, input.ifOther);
      await unlearnNeverTrained(forgetInput);
      return accepted;
    }),
    merge: os.proposals.merge.handler(({ input }) => proposals.merge(input.id, input.value, input.how)),
    reject: os.proposals.reject.handler(({ input }) => ({ rejected: proposals.reject(input.ids) })),
    undo: os.proposals.undo.handler(async () => ({
      proposals: await proposals.undo(() => stepFacts(forgetInput, 'undo', {})),
    })),
  };
}
