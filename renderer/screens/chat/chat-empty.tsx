import { useLocation } from 'wouter';
import { Button } from '../../components/button.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { useApp, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';

export type ChatEmptyProps = { readonly onAsk: (question: string) => void; readonly isDisabled: boolean };

/** Questions about own facts to begin with, or the way to a model. */
export function ChatEmpty({ onAsk, isDisabled }: ChatEmptyProps) {
  const client = useClient();
  const [, navigate] = useLocation();
  const hasNoModel = useApp(({ summary }) => summary?.state === 'no-model');
  const { data } = useQuery(client.chat.suggestions, {}, ['facts']);
  const { chat } = text;
  if (hasNoModel) {
    return (
      <EmptyState
        title={chat.noModelTitle}
        action={
          <Button kind="primary" onPress={() => navigate('/models')}>
            {chat.chooseModel}
          </Button>
        }
      >
        {chat.noModelWords}
      </EmptyState>
    );
  }
  const questions = data?.questions.slice(0, 3) ?? [];
  return (
    <EmptyState title={chat.emptyTitle}>
      <p>{chat.emptyWords}</p>
      {data !== undefined && questions.length === 0 && <p>{chat.noFacts}</p>}
      {questions.length > 0 && (
        <div className="suggestions" role="group" aria-label={chat.emptySuggestions}>
          {questions.map((question) => (
            <Button key={question} isDisabled={isDisabled} onPress={() => onAsk(question)}>
              {question}
            </Button>
          ))}
        </div>
      )}
    </EmptyState>
  );
}
