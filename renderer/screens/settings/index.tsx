import { Loading } from '../../components/loading.tsx';
import { Screen } from '../../shell/screen.tsx';
import { text } from '../../text/en.ts';

/** The place for Settings. */
export default function SettingsScreen() {
  return (
    <Screen title={text.shell.places.settings}>
      <Loading what={text.shell.places.settings} />
    </Screen>
  );
}
