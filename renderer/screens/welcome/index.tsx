import { Loading } from '../../components/loading.tsx';
import { Screen } from '../../shell/screen.tsx';
import { text } from '../../text/en.ts';

/** The place for Welcome. */
export default function WelcomeScreen() {
  return (
    <Screen title={text.common.product}>
      <Loading what={text.common.product} />
    </Screen>
  );
}
