import { Loading } from '../../components/loading.tsx';
import { Screen } from '../../shell/screen.tsx';
import { text } from '../../text/en.ts';

/** The place for Lessons. */
export default function LessonsScreen() {
  return (
    <Screen title={text.shell.places.lessons}>
      <Loading what={text.shell.places.lessons} />
    </Screen>
  );
}
