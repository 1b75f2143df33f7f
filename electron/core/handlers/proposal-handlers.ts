import type { HandlerInput } from './implementer.ts';
import { notBuilt } from './not-built.ts';

/** Handlers of `proposals`. */
export function createProposalHandlers({ os }: HandlerInput) {
  return {
    extract: os.proposals.extract.handler(notBuilt),
    list: os.proposals.list.handler(notBuilt),
    accept: os.proposals.accept.handler(notBuilt),
    merge: os.proposals.merge.handler(notBuilt),
    reject: os.proposals.reject.handler(notBuilt),
    undo: os.proposals.undo.handler(notBuilt),
  };
}
