import { ModalDialog } from '../components/modal-dialog.tsx';
import { useApp, useAppStore } from '../state/use-app.ts';
import { text } from '../text/en.ts';

/** Every key of the page. */
export function HelpDialog() {
  const store = useAppStore();
  const isOpen = useApp((state) => state.isHelpOpen);
  return (
    <ModalDialog
      isOpen={isOpen}
      onClose={() => store.setState({ isHelpOpen: false })}
      title={text.palette.helpTitle}
      size="wide"
    >
      <div className="help-groups">
        {text.palette.keyGroups.map((group) => (
          <section key={group.title}>
            <h3>{group.title}</h3>
            <dl className="key-list">
              {group.keys.map(([keys, meaning]) => (
                <div key={keys}>
                  <dt>
                    <kbd>{keys}</kbd>
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </ModalDialog>
  );
}
