import { Loading } from '../../components/loading.tsx';
import { Screen } from '../../shell/screen.tsx';
import { text } from '../../text/en.ts';

/** The place for Inbox. */
export default function InboxScreen() {
  return (
    <Screen title={text.shell.places.inbox}>
      <Loading what={text.shell.places.inbox} />
    </Screen>
  );
}
