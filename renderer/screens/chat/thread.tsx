import { ArrowDown } from 'lucide-react';
import { useState } from 'react';
import { useStickToBottom } from 'use-stick-to-bottom';
import { useLocation } from 'wouter';
import type { AdapterVersion } from '../../../electron/contract/entities/model.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Note } from '../../components/note.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { Answer, CopyButton } from './answer.tsx';
import type { ShownExchange } from './exchanges.ts';

export type ThreadProps = {
  readonly exchanges: readonly ShownExchange[];
  readonly versions: readonly AdapterVersion[];
  /** Null in a temporary chat: nothing of it may be proposed. */
  readonly source: { readonly name: string; readonly conversationId: string } | null;
  readonly canChange: boolean;
  readonly forgotten: number;
  readonly onEdit: (exchange: ShownExchange) => void;
  readonly onRetry: (exchange: ShownExchange) => void;
};

/** Exchanges that are mounted at first, and with each press on "earlier". */
const windowLength = 30;

/** The lines of one conversation; it follows the newest one until the reader scrolls up. */
export function Thread({ exchanges, forgotten, ...rest }: ThreadProps) {
  const { scrollRef, contentRef, isAtBottom, scrollToBottom } = useStickToBottom({
    initial: 'instant',
    resize: 'instant',
  });
  const [shown, setShown] = useState(windowLength);
  const hidden = Math.max(0, exchanges.length - shown);
  const { chat } = text;

  return (
    <div className="thread-frame">
      <div className="thread" ref={scrollRef} tabIndex={0} role="region" aria-label={text.shell.places.chat}>
        <div className="thread-content" ref={contentRef}>
          {hidden > 0 && (
            <Button kind="quiet" onPress={() => setShown(shown + windowLength)}>
              {chat.earlier(hidden)}
            </Button>
          )}
          {exchanges.slice(hidden).map((exchange, index, all) => (
            <Exchange key={exchange.key} exchange={exchange} isLast={index === all.length - 1} {...rest} />
          ))}
          {forgotten > 0 && <p className="meta thread-forgotten">{chat.forgotten(forgotten)}</p>}
        </div>
      </div>
      {!isAtBottom && (
        <div className="thread-newest">
          <Button icon={<ArrowDown aria-hidden size={16} />} onPress={() => void scrollToBottom('instant')}>
            {chat.toNewest}
          </Button>
        </div>
      )}
    </div>
  );
}

type ExchangeProps = Omit<ThreadProps, 'exchanges' | 'forgotten'> & {
  readonly exchange: ShownExchange;
  readonly isLast: boolean;
};

function Exchange({ exchange, isLast, versions, source, canChange, onEdit, onRetry }: ExchangeProps) {
  const [, navigate] = useLocation();
  const { chat } = text;
  const { answers, error, isRunning, proposals } = exchange;
  const isCompared = answers.length > 1;
  return (
    <div className="exchange">
      <article className="question">
        <h2 className="speaker">{chat.you}</h2>
        <p className="question-words">{exchange.question}</p>
        <div className="answer-acts">
          {canChange && (
            <Button kind="quiet" onPress={() => onEdit(exchange)}>
              {chat.edit}
            </Button>
          )}
          {source !== null && <RememberButton words={exchange.question} source={source} />}
          <CopyButton words={exchange.question} />
        </div>
      </article>
      <div className={isCompared ? 'answers is-compared' : 'answers'}>
        {answers.map((answer) => (
          <Answer key={answer.key} answer={answer} isCompared={isCompared} versions={versions} />
        ))}
      </div>
      {error !== null && (
        <ErrorNote error={error} safe={chat.messageKept} onRetry={() => onRetry(exchange)} />
      )}
      {error === null && answers.length === 0 && !isRunning && isLast && (
        <Note action={<Button onPress={() => onRetry(exchange)}>{chat.askAgain}</Button>}>
          {chat.unanswered}
        </Note>
      )}
      {proposals.length > 0 && (
        <Note action={<Button onPress={() => navigate('/inbox')}>{chat.openInbox}</Button>}>
          {chat.proposed(proposals.length)}
        </Note>
      )}
    </div>
  );
}

type RememberProps = {
  readonly words: string;
  readonly source: { readonly name: string; readonly conversationId: string };
};

function RememberButton({ words, source }: RememberProps) {
  const client = useClient();
  const act = useAct();
  const { chat } = text;
  return (
    <Button
      kind="quiet"
      onPress={() =>
        void act(() => client.proposals.extract({ text: words, source: { type: 'chat', ...source } }), {
          said: ({ proposals }) =>
            proposals.length === 0 ? chat.nothingToRemember : chat.remembered(proposals.length),
        })
      }
    >
      {chat.remember}
    </Button>
  );
}
