import { Loading } from '../../components/loading.tsx';
import { Screen } from '../../shell/screen.tsx';
import { text } from '../../text/en.ts';

/** The place for Train. */
export default function TrainScreen() {
  return (
    <Screen title={text.shell.places.train}>
      <Loading what={text.shell.places.train} />
    </Screen>
  );
}
