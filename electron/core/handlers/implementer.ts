/** What every group of handlers works with. */
import { implement } from '@orpc/server';
import type { Topic } from '../../contract/events.ts';
import { methods } from '../../contract/methods.ts';
import type { Dependencies } from '../dependencies.ts';
import type { ForgetInput } from '../retrain/forget.ts';
import type { Services } from '../services.ts';
import { mayWrite, topicsOfMethod } from './changes.ts';

export type Implementer = ReturnType<typeof createImplementer>;

export type HandlerInput = {
  readonly os: Implementer;
  readonly services: Services;
  readonly dependencies: Dependencies;
  /** Throws the error for a person in place of what was thrown; for streams, which no middleware sees the end of. */
  readonly nameErrors: (error: unknown) => never;
  readonly forgetInput: ForgetInput;
};

export type ImplementerInput = {
  readonly nameErrors: (error: unknown) => never;
  readonly backUpIfDue: () => void;
  /** Reads in slices what a call may be about, before it is taken. */
  readonly prepareFacts: () => Promise<void>;
  readonly assertInPlace: () => void;
  /** Hears what a successful call may have changed. */
  readonly announce: (topics: readonly Topic[]) => void;
};

/** Groups of methods that read the facts; the first to ask after a change would hold all others. */
const readFacts = new Set([
  ...['facts', 'knowledge', 'lessons', 'proposals', 'adapters', 'chat', 'reports', 'runs', 'status'],
  ...['datasets', 'training', 'generalAnswers', 'evaluations'],
]);

/** The contract to be implemented, with every error of a handler named and every change announced. */
export function createImplementer({
  nameErrors,
  backUpIfDue,
  assertInPlace,
  prepareFacts,
  announce,
}: ImplementerInput) {
  return implement(methods).use(async ({ next, path }) => {
    try {
      if (mayWrite(path)) assertInPlace();
      backUpIfDue();
      if (readFacts.has(path[0] ?? '')) await prepareFacts();
      const result = await next();
      announce(topicsOfMethod(path));
      return result;
    } catch (error) {
      return nameErrors(error);
    }
  });
}
