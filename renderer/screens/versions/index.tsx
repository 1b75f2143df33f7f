import { Loading } from '../../components/loading.tsx';
import { Screen } from '../../shell/screen.tsx';
import { text } from '../../text/en.ts';

/** The place for Versions. */
export default function VersionsScreen() {
  return (
    <Screen title={text.shell.places.versions}>
      <Loading what={text.shell.places.versions} />
    </Screen>
  );
}
