import { useState } from 'react';
import { useLocation, useRoute } from 'wouter';
import { useStore } from 'zustand';
import type { ChatMessage } from '../../../electron/contract/entities/conversation.ts';
import { useQueryFields } from '../../client/hash-location.ts';
import { Button } from '../../components/button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { LinkAsk } from '../../components/link-ask.ts';
import { Loading } from '../../components/loading.tsx';
import { Note } from '../../components/note.tsx';
import { Screen } from '../../shell/screen.tsx';
import { announce } from '../../state/store.ts';
import { useAppStore, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import './chat.css';
import { ChatBar } from './chat-bar.tsx';
import { ChatEmpty } from './chat-empty.tsx';
import { Composer } from './composer.tsx';
import { ConversationList } from './conversation-list.tsx';
import { joinExchanges, temporaryExchanges, type ShownExchange } from './exchanges.ts';
import { LinkDialog } from './link-dialog.tsx';
import {
  dropLastTemporary,
  endTemporary,
  liveChats,
  newKey,
  sendMessage,
  stopAnswer,
  temporaryKey,
} from './live-chats.ts';
import { Thread } from './thread.tsx';
import { TrainingNote, useIsChatShut } from './training-note.tsx';

const noMessages: readonly ChatMessage[] = [];

/** The place for conversations with the model. */
export default function ChatScreen() {
  const client = useClient();
  const store = useAppStore();
  const [, navigate] = useLocation();
  const [, parameters] = useRoute('/chat/:id?');
  const [fields, setFields] = useQueryFields();
  const place = parameters?.id ?? null;
  const isTemporary = place === 'temporary';
  const id = isTemporary ? null : place;
  const key = isTemporary ? temporaryKey : (id ?? newKey);

  const live = useStore(liveChats, ({ exchanges }) => exchanges[key]);
  const ended = useStore(liveChats, ({ temporary }) => temporary);
  const stored = useQuery(client.conversations.get, id === null ? null : { id }, ['conversations'], {
    keepsOld: false,
  });
  const versions = useQuery(client.adapters.list, {}, ['adapters']).data;

  const [drafts, setDrafts] = useState<Readonly<Record<string, string>>>({});
  const [edited, setEdited] = useState<{ readonly key: string; readonly exchange: ShownExchange } | null>(
    null,
  );
  const [chosen, setChosen] = useState('');
  const [link, setLink] = useState<string | null>(null);
  const [focusMark, setFocusMark] = useState(0);
  const isShut = useIsChatShut();
  const isCompared = fields.get('compare') === '1';
  const draft = drafts[key] ?? '';
  const setDraft = (words: string) => setDrafts({ ...drafts, [key]: words });
  const editedHere = edited?.key === key ? edited.exchange : null;

  const exchanges = isTemporary
    ? temporaryExchanges(ended, live)
    : joinExchanges(stored.data?.messages ?? noMessages, live);
  const isRunning = live?.state === 'running';
  const conversation = stored.data?.conversation;

  const send = (question: string, replaced: ShownExchange | null) => {
    if (question.trim() === '' || isRunning) return;
    setDraft('');
    setEdited(null);
    if (isTemporary && replaced !== null) dropLastTemporary();
    void sendMessage({
      ...{ client, key, question: question.trim(), compare: isCompared },
      replaces: replaced?.questionId ?? undefined,
      adapterId: chosen === '' ? undefined : chosen,
      onBegun: (begun) => navigate(`/chat/${begun.id}${isCompared ? '?compare=1' : ''}`, { replace: true }),
      onSpoken: (answer) => announce(store, answer),
    });
    setFocusMark(focusMark + 1);
  };
  const edit = (exchange: ShownExchange) => {
    setEdited({ key, exchange });
    setDraft(exchange.question);
    setFocusMark(focusMark + 1);
  };
  const begin = () => {
    endTemporary();
    navigate('/chat');
    setFocusMark(focusMark + 1);
  };
  const { chat } = text;

  return (
    <LinkAsk value={setLink}>
      <Screen
        title={text.shell.places.chat}
        aside={isTemporary ? undefined : <span className="chat-title truncate">{conversation?.title}</span>}
        secondary={
          <ChatBar
            versions={versions?.adapters ?? []}
            activeId={versions?.activeAdapterId ?? null}
            {...{ chosen, isCompared, isTemporary }}
            onChoose={setChosen}
            onCompare={(isOn) => setFields({ compare: isOn ? '1' : null })}
            onTemporary={(isOn) => (isOn ? navigate('/chat/temporary') : begin())}
          />
        }
        primary={<Button onPress={begin}>{chat.newChat}</Button>}
        isFilled
      >
        <div className="chat">
          <ConversationList shownId={id} onRemoved={(gone) => gone === id && navigate('/chat')} />
          <div className="chat-main">
            {isTemporary && (
              <Note action={<Button onPress={begin}>{chat.leaveTemporary}</Button>}>
                {chat.temporaryBanner}
              </Note>
            )}
            {stored.error?.code === 'not-found' ? (
              <EmptyState title={chat.gone} action={<Button onPress={begin}>{chat.newChat}</Button>}>
                {null}
              </EmptyState>
            ) : stored.error !== null ? (
              <ErrorNote error={stored.error} onRetry={stored.reload} />
            ) : id !== null && stored.data === undefined && live === undefined ? (
              <Loading what={chat.reading} />
            ) : exchanges.length === 0 ? (
              <div className="thread-frame">
                <ChatEmpty onAsk={(question) => send(question, null)} isDisabled={isShut} />
              </div>
            ) : (
              <Thread
                key={isTemporary ? temporaryKey : 'kept'}
                exchanges={exchanges}
                versions={versions?.adapters ?? []}
                source={
                  conversation === undefined
                    ? null
                    : { name: conversation.title, conversationId: conversation.id }
                }
                canChange={!isRunning && !isTemporary}
                forgotten={live?.forgotten ?? 0}
                onEdit={edit}
                onRetry={(exchange) => send(exchange.question, exchange)}
              />
            )}
            <Composer
              {...{ draft, isRunning, focusMark }}
              onDraft={setDraft}
              isEditing={editedHere !== null}
              isDisabled={isShut}
              note={<TrainingNote />}
              onSend={() => send(draft, editedHere)}
              onStop={() => stopAnswer(key)}
              onEditLast={() => {
                const last = exchanges.at(-1);
                if (last !== undefined && !isTemporary) edit(last);
              }}
              onCancelEdit={() => {
                setEdited(null);
                setDraft('');
              }}
            />
          </div>
        </div>
        <LinkDialog address={link} onClose={() => setLink(null)} />
      </Screen>
    </LinkAsk>
  );
}
