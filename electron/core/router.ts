/** One handler for each method of the contract: unpack, call a use case, pack. No rules live here. */
import type { Dependencies } from './dependencies.ts';
import { createAdapterHandlers } from './handlers/adapter-handlers.ts';
import { createChatHandlers } from './handlers/chat-handlers.ts';
import { createDataHandlers } from './handlers/data-handlers.ts';
import { createFactHandlers } from './handlers/fact-handlers.ts';
import { createImplementer, type HandlerInput } from './handlers/implementer.ts';
import { createModelHandlers } from './handlers/model-handlers.ts';
import { createProposalHandlers } from './handlers/proposal-handlers.ts';
import { createRunHandlers } from './handlers/run-handlers.ts';
import { createSystemHandlers } from './handlers/system-handlers.ts';
import { createTrainingHandlers } from './handlers/training-handlers.ts';
import type { Services } from './services.ts';

/** The router of every method. */
export function createRouter(
  services: Services,
  dependencies: Dependencies,
  nameErrors: (error: unknown) => never,
) {
  const os = createImplementer({
    nameErrors,
    backUpIfDue: dependencies.backUpIfDue ?? (() => undefined),
    prepareFacts: () => services.facts.prepare(),
    assertInPlace: dependencies.assertInPlace ?? (() => undefined),
    announce: services.events.announce,
  });
  const { adapters, facts } = services;
  const input: HandlerInput = {
    ...{ os, services, dependencies, nameErrors },
    forgetInput: {
      db: services.databases.profile,
      facts,
      adapters,
      adaptersFolder: dependencies.paths.adapters,
      destroyBackups: () => services.backups.profile.destroy(),
      forgetMentions: (removal) => {
        services.conversations.forgetFacts(removal.facts, removal.factIds);
        services.proposals.forgetFacts(removal);
      },
    },
  };
  const { profileFiles, ...data } = createDataHandlers(input);
  const system = createSystemHandlers(input);
  return os.router({
    ...system,
    ...data,
    profiles: { ...system.profiles, ...profileFiles },
    ...createModelHandlers(input),
    ...createTrainingHandlers(input),
    ...createChatHandlers(input),
    ...createRunHandlers(input),
    facts: createFactHandlers(input),
    adapters: createAdapterHandlers(input),
    proposals: createProposalHandlers(input),
  });
}
