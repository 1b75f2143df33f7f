import { useRoute } from 'wouter';
import type { ComponentType } from 'react';
import { EmptyState } from '../../components/empty-state.tsx';
import { Screen } from '../../shell/screen.tsx';
import { text } from '../../text/en.ts';
import '../../styles/tables.css';
import './settings.css';
import { Data } from './data.tsx';
import { Diagnostics } from './diagnostics.tsx';
import { ChatSettings, Keys, Learning, Look } from './choices.tsx';
import { LocalServer } from './local-server.tsx';
import { Licences, Privacy } from './privacy.tsx';
import { Profiles } from './profiles.tsx';

type Section = keyof typeof text.settings.sections;

const sections: Readonly<Record<Section, ComponentType>> = {
  ...{ profiles: Profiles, learning: Learning, chat: ChatSettings, privacy: Privacy, look: Look, keys: Keys },
  ...{ server: LocalServer, data: Data, diagnostics: Diagnostics, licences: Licences },
};

const names = Object.keys(text.settings.sections) as Section[]; // Object.keys forgets the names.

/** The place for settings: sections at the left, each with its own address; every change is saved at once. */
export default function SettingsScreen() {
  const [, parameters] = useRoute('/settings/:section?');
  const asked = parameters?.section ?? 'profiles';
  const section = names.find((name) => name === asked);
  const Shown = section === undefined ? null : sections[section];
  const { settings } = text;
  return (
    <Screen title={text.shell.places.settings} aside={settings.savedAtOnce}>
      <div className="settings">
        <nav aria-label={settings.navigation}>
          <ul className="settings-places">
            {names.map((name) => (
              <li key={name}>
                <a
                  href={`#/settings/${name}`}
                  className="settings-place"
                  aria-current={name === section ? 'page' : undefined}
                >
                  {settings.sections[name]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div className="settings-content">
          {section !== undefined && Shown !== null ? (
            <section className="stack" aria-label={settings.sections[section]}>
              <h2>{settings.sections[section]}</h2>
              <Shown />
            </section>
          ) : (
            <EmptyState title={text.shell.notFound}>{null}</EmptyState>
          )}
        </div>
      </div>
    </Screen>
  );
}
