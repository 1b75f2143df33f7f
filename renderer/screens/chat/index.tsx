import { Loading } from '../../components/loading.tsx';
import { Screen } from '../../shell/screen.tsx';
import { text } from '../../text/en.ts';

/** The place for Chat. */
export default function ChatScreen() {
  return (
    <Screen title={text.shell.places.chat}>
      <Loading what={text.shell.places.chat} />
    </Screen>
  );
}
