import { useState } from 'react';
import { useLocation } from 'wouter';
import type { ChatExplanation } from '../../../electron/contract/entities/chat.ts';
import type { AdapterVersion } from '../../../electron/contract/entities/model.ts';
import { copyText } from '../../client/host.ts';
import { Button } from '../../components/button.tsx';
import { announce, notify } from '../../state/store.ts';
import { useAct, useAppStore, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { AnswerBasis } from './answer-basis.tsx';
import { AnswerText } from './answer-text.tsx';
import type { ShownAnswer } from './exchanges.ts';

export type AnswerProps = {
  readonly answer: ShownAnswer;
  readonly isCompared: boolean;
  readonly versions: readonly AdapterVersion[];
};

/** One answer: who gave it, its words, what it rests on, and what one can do with it. */
export function Answer({ answer, isCompared, versions }: AnswerProps) {
  const { message, state, arm } = answer;
  const [explanation, setExplanation] = useState<ChatExplanation | null>(null);
  const { chat } = text;
  return (
    <article className={`answer answer-${arm === 'base' ? 'base' : 'tuned'}`} aria-busy={state === 'writing'}>
      <h2 className="speaker">{speakerOf(answer, versions)}</h2>
      {answer.text === '' ? (
        <p className="muted">
          {state === 'writing' ? chat.waiting : state === 'stopped' ? chat.stopped : chat.emptyAnswer}
        </p>
      ) : (
        <AnswerText words={answer.text} isOpen={state === 'writing'} />
      )}
      {state === 'stopped' && answer.text !== '' && <p className="meta">{chat.stopped}</p>}
      {message !== null && state === 'whole' && (
        <>
          <AnswerBasis message={message} isCompared={isCompared} explanation={explanation} />
          <AnswerActs answer={answer} onExplained={setExplanation} isExplained={explanation !== null} />
          {explanation !== null && <Explanation explanation={explanation} />}
        </>
      )}
    </article>
  );
}

/** Who really answered. */
function speakerOf({ arm, message }: ShownAnswer, versions: readonly AdapterVersion[]): string {
  const { chat } = text;
  if (arm === 'base') return chat.base;
  const adapterId = message?.adapterId ?? null;
  const version = versions.find(({ id }) => id === adapterId)?.number ?? null;
  // One that was stopped was not yet known to be anybody's.
  if (message?.answeredBy === undefined || message.answeredBy === null) return chat.model;
  if (adapterId === null) return chat.base;
  const name = chat.versionAnswers(version);
  return message.answeredBy === 'base' ? `${chat.base} (${chat.passedOn(name.toLowerCase())})` : name;
}

type ActsProps = {
  readonly answer: ShownAnswer;
  readonly onExplained: (explanation: ChatExplanation) => void;
  readonly isExplained: boolean;
};

function AnswerActs({ answer: { message, arm, text: words }, onExplained, isExplained }: ActsProps) {
  const client = useClient();
  const act = useAct();
  const store = useAppStore();
  const [, navigate] = useLocation();
  const [isAsking, setIsAsking] = useState(false);
  const { chat } = text;
  const id = message?.id ?? '';
  const explain = async () => {
    setIsAsking(true);
    announce(store, chat.explaining);
    const explanation = await act(() => client.chat.explain({ messageId: id }));
    setIsAsking(false);
    if (explanation === undefined) return;
    onExplained(explanation);
    announce(store, chat.verdicts[explanation.verdict]);
  };
  const factIds = message?.basis?.factIds ?? [];
  const tellWrong = async () => {
    const [first] = factIds;
    if (first === undefined) {
      notify(store, chat.wrongNone);
      return;
    }
    const adapterId = message?.adapterId;
    const tell = (wrong: boolean) =>
      Promise.all(
        factIds.map((each) => client.facts.tellWrong({ id: each, wrong, ...(adapterId && { adapterId }) })),
      );
    const told = await act(() => tell(true), {
      said: (all) => (all.some(({ changed }) => changed) ? chat.toldWrong : null),
      undo: () => tell(false),
    });
    if (told !== undefined) navigate(`/facts/${first}`);
  };
  const isPersonal = arm !== 'base' && (message?.basis ?? null) !== null && message?.basis?.from !== 'none';
  return (
    <div className="answer-acts">
      {factIds.length > 0 && arm !== 'base' && id !== '' && !isExplained && (
        <Button kind="quiet" isDisabled={isAsking} onPress={() => void explain()}>
          {isAsking ? chat.explaining : chat.explain}
        </Button>
      )}
      {isPersonal && (
        <Button kind="quiet" onPress={() => void tellWrong()}>
          {chat.wrong}
        </Button>
      )}
      <CopyButton words={words} />
    </div>
  );
}

/** Copies words; says so. */
export function CopyButton({ words }: { readonly words: string }) {
  const client = useClient();
  const store = useAppStore();
  const act = useAct();
  return (
    <Button
      kind="quiet"
      onPress={() =>
        void act(async () => {
          await copyText(client, words);
          announce(store, text.chat.copied);
        })
      }
    >
      {text.chat.copy}
    </Button>
  );
}

function Explanation({ explanation }: { readonly explanation: ChatExplanation }) {
  const { chat } = text;
  const { verdict, withoutFact, withoutAdapter } = explanation;
  return (
    <div className="explanation">
      <p className="strong">{chat.verdicts[verdict]}</p>
      {withoutFact !== null && (
        <dl>
          <dt>{chat.withoutFact}</dt>
          <dd>{withoutFact}</dd>
          <dt>{chat.withoutAdapter}</dt>
          <dd>{withoutAdapter}</dd>
        </dl>
      )}
    </div>
  );
}
