/** What every group of handlers works with. */
import { implement } from '@orpc/server';
import { methods } from '../../contract/methods.ts';
import type { Dependencies } from '../dependencies.ts';
import type { ForgetInput } from '../retrain/forget.ts';
import type { Services } from '../services.ts';

export type Implementer = ReturnType<typeof createImplementer>;

export type HandlerInput = {
  readonly os: Implementer;
  readonly services: Services;
  readonly dependencies: Dependencies;
  /** Throws the error for a person in place of what was thrown; for streams, which no middleware sees the end of. */
  readonly nameErrors: (error: unknown) => never;
  readonly forgetInput: ForgetInput;
};

/** The contract to be implemented, with every error of a handler named. */
export function createImplementer(nameErrors: (error: unknown) => never, backUpIfDue: () => void) {
  return implement(methods).use(async ({ next }) => {
    try {
      backUpIfDue();
      return await next();
    } catch (error) {
      return nameErrors(error);
    }
  });
}
