/**
 * The app behind the contract: checks input at the border, finds the use case, names errors. Every transport and the
 * command line call the same router.
 */
import { createRouterClient, ORPCError, type RouterClient } from '@orpc/server';
import { z } from 'zod';
import { AppError, toAppError, type ErrorData } from '../contract/errors.ts';
import { toStorageError } from './db/database-errors.ts';
import type { Dependencies } from './dependencies.ts';
import { createRouter } from './router.ts';
import { createServices, type Databases, type Services } from './services.ts';

export type AppRouter = ReturnType<typeof createRouter>;
export type AppClient = RouterClient<AppRouter>;

export type App = {
  readonly client: AppClient;
  /** For hosts that offer the contract over a transport. */
  readonly router: AppRouter;
  readonly services: Services;
  /** Stops jobs, lets go of the model and closes the databases. */
  readonly dispose: () => Promise<void>;
};

/** Creates the app over open databases, which it closes when it is disposed. */
export function createApp(dependencies: Dependencies, databases: Databases): App {
  const services = createServices(dependencies, databases);
  const router = createRouter(services, dependencies, (error) => {
    throw toTransportError(nameError(error, dependencies));
  });
  return {
    client: createRouterClient(router),
    router,
    services,
    dispose: async () => {
      try {
        await services.localServer.dispose();
        await services.jobs.dispose();
        services.events.close();
        await dependencies.runtime.dispose();
      } finally {
        for (const db of [databases.profile, databases.app]) db.close();
      }
    },
  };
}

/** The error for a person; what nobody foresaw goes to the log with its cause. */
export function nameError(error: unknown, { log, paths }: Pick<Dependencies, 'log' | 'paths'>): AppError {
  const named = toAppError(fromValidation(error) ?? toStorageError(error, paths.data));
  if (named.code === 'internal') log.log('error', 'app', { error: describe(named.cause ?? named) });
  return named;
}

function toTransportError(error: AppError): ORPCError<string, ErrorData> {
  const { code, message, hint } = error;
  return new ORPCError(code, {
    message,
    data: { code, message, ...(hint !== undefined && { hint }) },
    cause: error,
  });
}

const validationIssues = z.object({
  code: z.literal('BAD_REQUEST'),
  cause: z.object({
    issues: z
      .array(z.object({ path: z.array(z.union([z.string(), z.number()])).optional(), message: z.string() }))
      .min(1),
  }),
});

/** Input that does not fit its schema is told with its first problem. */
function fromValidation(error: unknown): AppError | undefined {
  const parsed = validationIssues.safeParse(error);
  const [issue] = parsed.data?.cause.issues ?? [];
  if (issue === undefined) return undefined;
  const field = issue.path?.join('.') ?? '';
  return new AppError(
    'invalid-input',
    field === '' ? `${issue.message}.` : `"${field}" is not valid: ${issue.message}.`,
    {
      hint: 'See the command with --help.',
      cause: error,
    },
  );
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
