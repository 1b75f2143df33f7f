import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/checkbox.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useAct, useAppStore, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { AskDialog } from './ask-dialog.tsx';

/** As the contract wants them. */
const confirmWords = 'delete everything';

/** The ways to be rid of what was told. */
export function Deletions() {
  const client = useClient();
  const act = useAct();
  const store = useAppStore();
  const [asked, setAsked] = useState<'conversations' | 'history' | 'all' | null>(null);
  const [typed, setTyped] = useState('');
  const [models, setModels] = useState(false);
  const words = text.settings;
  const close = () => {
    setAsked(null);
    setTyped('');
  };
  const deleteAll = async () => {
    const done = await act(() => client.data.deleteAll({ confirm: confirmWords, models }));
    if (done !== undefined) store.setState({ isEnded: true });
  };
  return (
    <div className="stack-small">
      <h3>{words.deleteTitle}</h3>
      <div className="line">
        <Button onPress={() => setAsked('conversations')}>{words.deleteConversations}</Button>
        <Button onPress={() => setAsked('history')}>{words.deleteHistory}</Button>
        <Button kind="danger" onPress={() => setAsked('all')}>
          {words.deleteAll}
        </Button>
      </div>
      {asked === 'conversations' && (
        <AskDialog
          title={words.deleteConversationsTitle}
          words={words.deleteConversationsWords}
          act={words.deleteConversations}
          onClose={close}
          onAct={() =>
            void act(() => client.conversations.removeAll({}), {
              said: ({ removed }) => words.deletedConversations(removed),
            })
          }
        />
      )}
      {asked === 'history' && (
        <AskDialog
          title={words.deleteHistoryTitle}
          words={words.deleteHistoryWords}
          act={words.deleteHistory}
          onClose={close}
          onAct={() =>
            void act(() => client.facts.clearHistory({}), {
              said: ({ cleared }) => words.deletedHistory(cleared),
            })
          }
        />
      )}
      {asked === 'all' && (
        <AskDialog
          title={words.deleteAllTitle}
          words={words.deleteAllWords}
          act={words.deleteAll}
          isDisabled={typed.trim().toLowerCase() !== confirmWords}
          onClose={close}
          onAct={() => void deleteAll()}
        >
          <Checkbox isSelected={models} onChange={setModels}>
            {words.deleteAllModels}
          </Checkbox>
          <TextField label={words.deleteAllType} value={typed} onChange={setTyped} maxLength={40} autoFocus />
        </AskDialog>
      )}
    </div>
  );
}
