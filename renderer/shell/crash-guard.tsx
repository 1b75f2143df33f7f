import { Component, type ReactNode } from 'react';
import { Button } from '../components/button.tsx';
import { text } from '../text/en.ts';

type Props = { readonly children: ReactNode };
type State = { readonly hasFailed: boolean };

/** Keeps rail and strip alive when a screen fails. React offers this to classes alone. */
export class CrashGuard extends Component<Props, State> {
  override state: State = { hasFailed: false };

  static getDerivedStateFromError(): State {
    return { hasFailed: true };
  }

  override render() {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <main className="screen" id="content" tabIndex={-1} data-region>
        <header className="screen-header">
          <h1>{text.common.product}</h1>
        </header>
        <div className="screen-content">
          <p role="alert">{text.shell.crashed}</p>
          <Button onPress={() => this.setState({ hasFailed: false })}>{text.shell.openAgain}</Button>
        </div>
      </main>
    );
  }
}
