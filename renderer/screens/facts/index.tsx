import { Loading } from '../../components/loading.tsx';
import { Screen } from '../../shell/screen.tsx';
import { text } from '../../text/en.ts';

/** The place for Facts. */
export default function FactsScreen() {
  return (
    <Screen title={text.shell.places.facts}>
      <Loading what={text.shell.places.facts} />
    </Screen>
  );
}
