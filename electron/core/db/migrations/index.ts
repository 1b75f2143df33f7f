import type { Migration } from '../migrate.ts';
import { up as appModelsAndSettings } from './app-0010-models-and-settings.ts';
import { up as appProfiles } from './app-0030-profiles.ts';
import { up as appGeneralAnswers } from './app-0050-general-answers.ts';
import { up as appConnections } from './app-0070-connections.ts';
import { up as profileFacts } from './profile-0010-facts.ts';
import { up as profileTraining } from './profile-0020-training.ts';
import { up as profileRetrain } from './profile-0030-retrain.ts';
import { up as profileSearch } from './profile-0040-never-train-and-search.ts';
import { up as profileInterchange } from './profile-0060-interchange.ts';
import { up as profileObjective } from './profile-0070-objective.ts';
import { up as profileFactChanges } from './profile-0080-fact-changes.ts';
import { up as profileVersions } from './profile-0090-versions-and-tests.ts';
import { up as profileCurves } from './profile-0100-curves-and-vetoes.ts';
import { up as profileConversations } from './profile-0110-conversations.ts';
import { up as profileProposals } from './profile-0120-proposals.ts';
import { up as profileToldWrong } from './profile-0130-told-wrong.ts';

/** Schema of app.db. */
export const appMigrations: readonly Migration[] = [
  { version: 10, up: appModelsAndSettings },
  { version: 30, up: appProfiles },
  { version: 50, up: appGeneralAnswers },
  { version: 70, up: appConnections },
];

/** Schema of a profile.db. */
export const profileMigrations: readonly Migration[] = [
  { version: 10, up: profileFacts },
  { version: 20, up: profileTraining },
  { version: 30, up: profileRetrain },
  { version: 40, up: profileSearch },
  { version: 60, up: profileInterchange },
  { version: 70, up: profileObjective },
  { version: 80, up: profileFactChanges },
  { version: 90, up: profileVersions },
  { version: 100, up: profileCurves },
  { version: 110, up: profileConversations },
  { version: 120, up: profileProposals },
  { version: 130, up: profileToldWrong },
];
