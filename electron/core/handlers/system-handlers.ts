import type { HandlerInput } from './implementer.ts';
import { withState } from '../facts/list-facts.ts';
import { isRebuildNeeded } from '../retrain/forget.ts';
import { describeStopped } from '../retrain/stopped-runs.ts';
import { describeMachine } from '../models/describe-machine.ts';

/** Handlers of `profiles`, `settings`, `machine`, `knowledge`, `events` and `status`. */
export function createSystemHandlers({ os, services, dependencies }: HandlerInput) {
  const { adapters, facts, jobs, profiles } = services;

  return {
    profiles: {
      list: os.profiles.list.handler(() => ({ profiles: profiles.list() })),
      add: os.profiles.add.handler(({ input }) => ({ profile: profiles.add(input.name) })),
      rename: os.profiles.rename.handler(({ input }) => ({
        profile: profiles.rename(input.id, input.name),
      })),
      use: os.profiles.use.handler(({ input }) => ({ profile: profiles.use(input.id) })),
      remove: os.profiles.remove.handler(({ input }) =>
        profiles.remove(input.id, dependencies.paths.profileId),
      ),
    },
    settings: {
      get: os.settings.get.handler(() => services.settings.get()),
      set: os.settings.set.handler(({ input }) => services.settings.set(input)),
    },
    machine: {
      get: os.machine.get.handler(() => describeMachine(dependencies)),
      connections: os.machine.connections.handler(() => ({ connections: services.connections.list() })),
    },
    knowledge: {
      summary: os.knowledge.summary.handler(async () => {
        await services.knowledge.prepare();
        return services.knowledge.summary();
      }),
    },
    events: {
      watch: os.events.watch.handler(({ signal }) => services.events.watch(signal)),
    },
    status: {
      get: os.status.get.handler(() => {
        const all = facts.listWithStates().map(withState);
        const byState = new Map<string, number>();
        for (const fact of all) {
          const state = fact.flags.includes('waiting') ? 'waiting' : fact.state;
          byState.set(state, (byState.get(state) ?? 0) + 1);
        }
        const active = adapters.active();
        return {
          data: dependencies.paths.data,
          profile: profiles.resolve(dependencies.paths.profileId),
          facts: {
            total: all.filter((fact) => fact.source.type !== 'derived').length,
            current: all.filter((fact) => fact.current && fact.source.type !== 'derived').length,
            derived: all.filter((fact) => fact.source.type === 'derived').length,
            byState: Object.fromEntries(byState),
          },
          activeAdapterId: active?.id ?? null,
          baseModelId: active?.baseModelId ?? null,
          adapters: adapters.list().length,
          rebuildNeeded: isRebuildNeeded(services.databases.profile),
          busy: dependencies.isBusy(),
          lastDevice: services.training.list().find((run) => run.device !== null)?.device ?? null,
          stopped: describeStopped(services.training.list(), dependencies.isBusy()),
          jobs: jobs.listOpen(),
          notice: dependencies.host?.openedWith() ?? null,
        };
      }),
    },
  };
}
