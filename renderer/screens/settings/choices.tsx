import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/checkbox.tsx';
import { Loading } from '../../components/loading.tsx';
import { SelectField } from '../../components/select-field.tsx';
import type { Settings } from '../../../electron/contract/entities/settings.ts';
import { useAct, useApp, useAppStore, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { bytes } from '../../text/format.ts';

/** The settings as they are, and a way to change some of them at once. */
function useSettings() {
  const client = useClient();
  const store = useAppStore();
  const act = useAct();
  const settings = useApp((state) => state.settings);
  const set = (change: Partial<Settings>) =>
    void act(async () => {
      store.setState({ settings: await client.settings.set(change) });
    });
  return { settings, set };
}

type Theme = Settings['theme'];
type Density = Settings['density'];

const themes: readonly Theme[] = ['system', 'light', 'dark'];
const densities: readonly Density[] = ['comfortable', 'compact'];

/** Theme and density. */
export function Look() {
  const { settings, set } = useSettings();
  const words = text.settings;
  if (settings === null) return <Loading what={words.reading} />;
  return (
    <div className="choices">
      <SelectField
        label={words.theme}
        value={settings.theme}
        options={themes.map((value) => ({ value, label: words.themes[value] }))}
        onChange={(theme) => set({ theme })}
      />
      <SelectField
        label={words.density}
        value={settings.density}
        options={densities.map((value) => ({ value, label: words.densities[value] }))}
        onChange={(density) => set({ density })}
      />
    </div>
  );
}

/** Single letters, and the page of all keys. */
export function Keys() {
  const store = useAppStore();
  const { settings, set } = useSettings();
  const words = text.settings;
  if (settings === null) return <Loading what={words.reading} />;
  return (
    <>
      <Checkbox
        isSelected={settings.letterKeys}
        onChange={(letterKeys) => set({ letterKeys })}
        note={words.letterKeysNote}
      >
        {words.letterKeys}
      </Checkbox>
      <div>
        <Button onPress={() => store.setState({ isHelpOpen: true })}>{words.allKeys}</Button>
      </div>
    </>
  );
}

/** Base and device of the next training. */
export function Learning() {
  const client = useClient();
  const { settings, set } = useSettings();
  const models = useQuery(client.models.list, {}, ['models']).data?.models ?? [];
  const devices = useQuery(client.devices.list, {}, []).data?.devices ?? [];
  const words = text.settings;
  if (settings === null) return <Loading what={words.reading} />;
  return (
    <div className="choices">
      <div className="stack-small">
        <SelectField
          label={words.base}
          value={settings.baseModelId ?? ''}
          options={[
            { value: '', label: words.baseDefault },
            ...models.map(({ id, name, fit }) => ({
              value: id,
              label: name,
              note: text.models.fitShort(fit),
            })),
          ]}
          onChange={(id) => set({ baseModelId: id === '' ? null : id })}
        />
        <p className="field-note">
          {words.baseNote} <a href="#/models">{words.toModels}</a>
        </p>
      </div>
      <div className="stack-small">
        <SelectField
          label={words.device}
          value={settings.device ?? ''}
          options={[
            { value: '', label: words.deviceBest },
            ...devices
              .filter(({ supported }) => supported)
              .map(({ name, description, memoryFreeBytes }) => ({
                ...{ value: name, label: description, note: bytes(memoryFreeBytes) },
              })),
          ]}
          onChange={(device) => set({ device: device === '' ? null : device })}
        />
        <p className="field-note">{words.deviceNote}</p>
      </div>
    </div>
  );
}

/** What becomes of facts that are stated in chat. */
export function ChatSettings() {
  const { settings, set } = useSettings();
  const words = text.settings;
  if (settings === null) return <Loading what={words.reading} />;
  return (
    <>
      <Checkbox
        isSelected={settings.proposeFromChat}
        onChange={(proposeFromChat) => set({ proposeFromChat })}
        note={words.proposeFromChatNote}
      >
        {words.proposeFromChat}
      </Checkbox>
      <Checkbox
        isSelected={settings.proposeWithModel}
        onChange={(proposeWithModel) => set({ proposeWithModel })}
        note={words.proposeWithModelNote}
      >
        {words.proposeWithModel}
      </Checkbox>
    </>
  );
}
