import { useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/checkbox.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { isDate } from './fact-rules.ts';

const emptyDraft = { subject: '', attribute: '', value: '', from: '', to: '', neverTrain: false };

/** A form for one fact; it stays open for the next one. */
export function NewFactPane({ onAdded }: { readonly onAdded: (id: string) => void }) {
  const client = useClient();
  const act = useAct();
  const first = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState(emptyDraft);
  const [wasTried, setWasTried] = useState(false);
  const set = (change: Partial<typeof emptyDraft>) => setDraft((before) => ({ ...before, ...change }));
  const { subject, attribute, value, from, to, neverTrain } = draft;
  const isWhole = attribute.trim() !== '' && value.trim() !== '' && isDate(from) && isDate(to);

  async function add(next: 'show' | 'another'): Promise<void> {
    setWasTried(true);
    if (!isWhole) return;
    const isMe = subject.trim() === '' || subject.trim().toLowerCase() === 'me';
    const result = await act(
      () =>
        client.facts.add({
          ...(!isMe && { subject: subject.trim() }),
          attribute: attribute.trim(),
          value: value.trim(),
          ...(from !== '' && { validFrom: from }),
          ...(to !== '' && { validTo: to }),
          ...(neverTrain && { neverTrain: true }),
        }),
      {
        said: ({ conflicts: [conflict], unchanged }) => {
          if (conflict !== undefined) return text.facts.conflictNew(conflict.kept, conflict.other);
          return unchanged > 0 ? text.facts.unchangedNew : text.facts.saved(value.trim());
        },
        undo: () => client.facts.undo({}),
      },
    );
    if (result === undefined) return;
    if (next === 'show') {
      onAdded(result.id);
      return;
    }
    setDraft({ ...emptyDraft, subject });
    setWasTried(false);
    first.current?.focus();
  }

  const missing = (field: string) => (wasTried && field.trim() === '' ? text.facts.needBoth : undefined);
  const badDate = (date: string) => (isDate(date) ? undefined : text.facts.badDate);

  return (
    <div className="stack fact-pane">
      <h2>{text.facts.newTitle}</h2>
      <TextField
        label={text.facts.subject}
        value={subject}
        onChange={(subject) => set({ subject })}
        placeholder={text.facts.subjectMe}
        note={text.facts.subjectNote}
        maxLength={200}
      />
      <TextField
        label={text.facts.attribute}
        value={attribute}
        onChange={(attribute) => set({ attribute })}
        note={text.facts.attributeNote}
        problem={missing(attribute)}
        maxLength={200}
        fieldRef={first}
        autoFocus
      />
      <TextField
        label={text.facts.value}
        value={value}
        onChange={(value) => set({ value })}
        note={text.facts.valueNote}
        problem={missing(value)}
        maxLength={2000}
        onEnter={() => void add('show')}
      />
      <div className="fact-dates">
        <TextField
          label={text.facts.trueFrom}
          value={from}
          onChange={(from) => set({ from })}
          problem={badDate(from)}
          maxLength={10}
        />
        <TextField
          label={text.facts.trueUntil}
          value={to}
          onChange={(to) => set({ to })}
          problem={badDate(to)}
          maxLength={10}
        />
      </div>
      <Checkbox
        isSelected={neverTrain}
        onChange={(neverTrain) => set({ neverTrain })}
        note={text.facts.neverTrainNote}
      >
        {text.facts.neverTrain}
      </Checkbox>
      <div className="line">
        <Button kind="primary" onPress={() => void add('show')}>
          {text.facts.add}
        </Button>
        <Button onPress={() => void add('another')}>{text.facts.addAnother}</Button>
      </div>
    </div>
  );
}
