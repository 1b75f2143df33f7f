import { Ellipsis } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import type { FoundConversation } from '../../../electron/contract/entities/conversation.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { ModalDialog } from '../../components/modal-dialog.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { dayGroup, type DayGroup } from './exchanges.ts';

export type ConversationListProps = {
  readonly shownId: string | null;
  readonly onRemoved: (id: string) => void;
};

const pageLength = 60;
const groups: readonly DayGroup[] = ['today', 'yesterday', 'week', 'older'];

/** Kept conversations by day, newest first, with search over titles and texts. */
export function ConversationList({ shownId, onRemoved }: ConversationListProps) {
  const client = useClient();
  const [search, setSearch] = useState('');
  const [limit, setLimit] = useState(pageLength);
  const [renamed, setRenamed] = useState<FoundConversation | null>(null);
  const [removed, setRemoved] = useState<FoundConversation | null>(null);
  const [now] = useState(Date.now);
  const { data, error, reload } = useQuery(
    client.conversations.list,
    { limit, ...(search !== '' && { search }) },
    ['conversations'],
  );
  const found = data?.conversations ?? [];
  const hasMore = (data?.nextCursor ?? null) !== null;
  const { chat } = text;

  return (
    <div className="conversations" aria-label={chat.conversations} role="region">
      <SearchField label={chat.search} value={search} onSearch={setSearch} />
      {error !== null && <ErrorNote error={error} onRetry={reload} />}
      {data === undefined && error === null && <Loading what={chat.readingList} />}
      {data !== undefined && found.length === 0 && (
        <p className="muted conversations-none">{search === '' ? chat.noneYet : chat.noneFound(search)}</p>
      )}
      {groups.map((group) => {
        const inGroup = found.filter(({ updatedAt }) => dayGroup(updatedAt, now) === group);
        return inGroup.length === 0 ? null : (
          <section key={group} aria-label={chat.groups[group]}>
            <h2 className="conversations-group">{chat.groups[group]}</h2>
            <ul>
              {inGroup.map((conversation) => (
                <Row
                  key={conversation.id}
                  conversation={conversation}
                  isShown={conversation.id === shownId}
                  onRename={() => setRenamed(conversation)}
                  onRemove={() => setRemoved(conversation)}
                />
              ))}
            </ul>
          </section>
        );
      })}
      {hasMore && (
        <Button kind="quiet" onPress={() => setLimit(Math.min(limit + 200, 1000))}>
          {chat.more((data?.total ?? 0) - found.length)}
        </Button>
      )}
      {renamed !== null && <RenameDialog conversation={renamed} onClose={() => setRenamed(null)} />}
      {removed !== null && (
        <RemoveDialog conversation={removed} onClose={() => setRemoved(null)} onRemoved={onRemoved} />
      )}
    </div>
  );
}

type RowProps = {
  readonly conversation: FoundConversation;
  readonly isShown: boolean;
  readonly onRename: () => void;
  readonly onRemove: () => void;
};

function Row({ conversation: { id, title, excerpt }, isShown, onRename, onRemove }: RowProps) {
  const { chat } = text;
  return (
    <li className={`conversation${isShown ? ' is-shown' : ''}`}>
      <a
        href={`#/chat/${id}`}
        className="conversation-link"
        aria-current={isShown ? 'true' : undefined}
        title={title}
      >
        <span className="truncate">{title}</span>
        {excerpt !== null && <span className="meta truncate">{excerpt}</span>}
      </a>
      <MenuTrigger>
        <AriaButton className="icon-button conversation-menu" aria-label={chat.menu(title)}>
          <Ellipsis aria-hidden size={16} />
        </AriaButton>
        <Popover className="popover">
          <Menu className="menu" onAction={(key) => (key === 'rename' ? onRename() : onRemove())}>
            <MenuItem id="rename" className="menu-item">
              {chat.rename}
            </MenuItem>
            <MenuItem id="remove" className="menu-item is-danger">
              {chat.remove}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
    </li>
  );
}

type DialogProps = { readonly conversation: FoundConversation; readonly onClose: () => void };

function RenameDialog({ conversation: { id, title: before }, onClose }: DialogProps) {
  const client = useClient();
  const act = useAct();
  const [title, setTitle] = useState(before);
  const save = () => {
    onClose();
    if (title.trim() === '' || title === before) return;
    void act(() => client.conversations.rename({ id, title: title.trim() }), {
      said: text.chat.renamed,
      undo: () => client.conversations.rename({ id, title: before }),
    });
  };
  return (
    <ModalDialog
      isOpen
      onClose={onClose}
      title={text.chat.renameTitle}
      actions={
        <>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button kind="primary" onPress={save}>
            {text.common.save}
          </Button>
        </>
      }
    >
      <TextField
        label={text.chat.titleField}
        value={title}
        onChange={setTitle}
        maxLength={200}
        autoFocus
        onEnter={save}
      />
    </ModalDialog>
  );
}

function RemoveDialog({
  conversation: { id, title, messages },
  onClose,
  onRemoved,
}: DialogProps & { readonly onRemoved: (id: string) => void }) {
  const client = useClient();
  const act = useAct();
  const { chat } = text;
  return (
    <ModalDialog
      isOpen
      onClose={onClose}
      role="alertdialog"
      title={chat.removeTitle(title)}
      actions={
        <>
          <Button onPress={onClose}>{text.common.cancel}</Button>
          <Button
            kind="danger"
            onPress={() => {
              onClose();
              void act(() => client.conversations.remove({ id }), { said: chat.removed }).then((done) => {
                if (done !== undefined) onRemoved(id);
              });
            }}
          >
            {chat.remove}
          </Button>
        </>
      }
    >
      <p>{chat.removeWords(messages)}</p>
    </ModalDialog>
  );
}
