import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Note } from '../../components/note.tsx';
import { useApp, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { useFirstChat, type Exchange } from './use-first-chat.ts';

const shownQuestions = 3;

/** Three questions about own facts and one that was never told; the taught model beside the plain one. */
export function ChatStep() {
  const client = useClient();
  const rejected = useApp((state) => state.summary?.rejected ?? null);
  const { data } = useQuery(client.chat.suggestions, {}, ['facts', 'adapters']);
  const { exchanges, ask, isBusy, error } = useFirstChat();
  const { welcome } = text;
  const questions = (data?.questions ?? []).slice(0, shownQuestions);
  const asked = new Set(exchanges.map(({ question }) => question));

  return (
    <>
      {rejected !== null && (
        <Note kind="warning">{text.strip.rejected(rejected) + text.strip.stays(null)}</Note>
      )}
      <p>{welcome.chatWords}</p>
      {data !== undefined && questions.length === 0 && <p className="muted">{welcome.noQuestions}</p>}
      <ul className="first-questions">
        {questions.map((question) => (
          <li key={question}>
            <Button isDisabled={isBusy || asked.has(question)} onPress={() => void ask(question)}>
              {question}
            </Button>
          </li>
        ))}
        <li className="line">
          <Button
            isDisabled={isBusy || asked.has(welcome.neverTold)}
            onPress={() => void ask(welcome.neverTold)}
          >
            {welcome.neverTold}
          </Button>
          <span className="meta">{welcome.neverToldNote}</span>
        </li>
      </ul>
      {error !== null && <ErrorNote error={error} />}
      <ol className="stack" aria-live="polite" aria-busy={isBusy}>
        {exchanges.map((exchange) => (
          <ExchangeCard key={exchange.question} exchange={exchange} />
        ))}
      </ol>
    </>
  );
}

function ExchangeCard({ exchange: { question, tuned, base, isDone } }: { readonly exchange: Exchange }) {
  const { welcome } = text;
  const shown = (words: string) => (words !== '' ? words : isDone ? welcome.empty : welcome.answering);
  return (
    <li className="card stack-small">
      <p>
        <span className="meta">{welcome.you}</span> {question}
      </p>
      <div className="first-answers">
        <div>
          <p className="meta">{welcome.tuned}</p>
          <p>{shown(tuned)}</p>
        </div>
        <div>
          <p className="meta">{welcome.base}</p>
          <p>{shown(base)}</p>
        </div>
      </div>
    </li>
  );
}
