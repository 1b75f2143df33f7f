import { Loading } from '../../components/loading.tsx';
import { Screen } from '../../shell/screen.tsx';
import { text } from '../../text/en.ts';

/** The place for Models. */
export default function ModelsScreen() {
  return (
    <Screen title={text.shell.places.models}>
      <Loading what={text.shell.places.models} />
    </Screen>
  );
}
