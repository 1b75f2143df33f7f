import { Loading } from '../../components/loading.tsx';
import { Screen } from '../../shell/screen.tsx';
import { text } from '../../text/en.ts';

/** The place for Report. */
export default function ReportScreen() {
  return (
    <Screen title={text.shell.places.report}>
      <Loading what={text.shell.places.report} />
    </Screen>
  );
}
