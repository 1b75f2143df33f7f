import { Check } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { FactWithState } from '../../../electron/contract/entities/ledger.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';

/** Questions by part of life; an answer is a fact as soon as it is given, and stands here when one comes back. */
export function Interview() {
  const client = useClient();
  const { data } = useQuery(client.facts.list, ownFacts, ['facts']);
  const answers = useMemo(() => {
    const told = new Map<string, FactWithState>();
    for (const fact of data?.facts ?? [])
      told.set(fact.kind?.replaceAll('-', ' ') ?? fact.attribute.toLowerCase(), fact);
    return told;
  }, [data]);
  const { welcome } = text;

  return (
    <div className="stack">
      <p className="muted">{welcome.interviewWords}</p>
      {welcome.interview.map(({ domain, questions }) => (
        <section key={domain} className="interview-domain" aria-label={domain}>
          <h2>{domain}</h2>
          <div className="interview-questions">
            {questions.map(([attribute, question, example]) => (
              <Question
                key={attribute}
                attribute={attribute}
                question={question}
                example={example}
                answer={answers.get(attribute) ?? null}
              />
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}

const ownFacts = { subject: 'me', current: true, limit: 1000 };

type QuestionProps = {
  readonly attribute: string;
  readonly question: string;
  readonly example: string;
  readonly answer: FactWithState | null;
};

function Question({ attribute, question, example, answer }: QuestionProps) {
  const client = useClient();
  const act = useAct();
  const [value, setValue] = useState(answer?.value ?? '');
  const [shown, setShown] = useState(answer?.value ?? null);
  const told = answer?.value ?? null;
  if (told !== shown) {
    setShown(told);
    if (told !== null) setValue(told);
  }
  const trimmed = value.trim();
  const isSaved = told !== null && trimmed === told;
  const canSave = trimmed !== '' && !isSaved;

  async function save(): Promise<void> {
    if (!canSave) return;
    await act(
      async () => {
        const { values } = await client.facts.readAnswer({ attribute, answer: trimmed });
        const [first = { value: trimmed }] = values;
        if (answer !== null) await client.facts.edit({ id: answer.id, ...first, typo: true });
        else for (const each of values) await client.facts.add({ attribute, ...each, ifOther: 'refuse' });
        setValue(first.value);
        return values;
      },
      {
        said: (values) => text.facts.saved(values.map((each) => each.value).join(', ')),
        undo: async (values) => {
          let left = answer === null ? values.length : 1;
          while (left-- > 0) await client.facts.undo({});
        },
      },
    );
  }

  return (
    <div className="interview-line">
      <TextField
        label={question}
        value={value}
        onChange={setValue}
        placeholder={text.welcome.example(example)}
        onEnter={() => void save()}
        maxLength={500}
      />
      {isSaved ? (
        <span className="interview-saved">
          <Check aria-hidden size={16} />
          {text.welcome.answerSaved}
        </span>
      ) : (
        <Button
          aria-label={`${text.welcome.saveAnswer}: ${question}`}
          isDisabled={!canSave}
          onPress={() => void save()}
        >
          {text.welcome.saveAnswer}
        </Button>
      )}
    </div>
  );
}
