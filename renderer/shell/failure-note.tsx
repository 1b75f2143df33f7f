import { ErrorNote } from '../components/error-note.tsx';
import { useApp, useAppStore } from '../state/use-app.ts';

/** The last act that failed, until it is closed or another one goes well. */
export function FailureNote() {
  const store = useAppStore();
  const failure = useApp((state) => state.failure);
  if (failure === null) return null;
  return <ErrorNote error={failure} onDismiss={() => store.setState({ failure: null })} />;
}
