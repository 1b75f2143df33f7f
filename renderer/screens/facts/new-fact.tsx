import { useRef, useState } from 'react';
import type { FactDraft, IfOther } from '../../../electron/contract/entities/fact.ts';
import type { DraftEffect } from '../../../electron/contract/entities/proposal.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/checkbox.tsx';
import { OtherValue } from '../../components/other-value.tsx';
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
  /** The value that is there and contradicts this one, until its reader says what becomes of it. */
  const [other, setOther] = useState<{ effect: DraftEffect; next: 'show' | 'another' } | null>(null);
  const set = (change: Partial<typeof emptyDraft>) => {
    setOther(null);
    setDraft((before) => ({ ...before, ...change }));
  };
  const { subject, attribute, value, from, to, neverTrain } = draft;
  const isWhole = attribute.trim() !== '' && value.trim() !== '' && isDate(from) && isDate(to);

  async function add(next: 'show' | 'another', ifOther?: IfOther): Promise<void> {
    setWasTried(true);
    if (!isWhole) return;
    const isMe = subject.trim() === '' || subject.trim().toLowerCase() === 'me';
    const told: FactDraft = {
      ...(!isMe && { subject: subject.trim() }),
      attribute: attribute.trim(),
      value: value.trim(),
      ...(from !== '' && { validFrom: from }),
      ...(to !== '' && { validTo: to }),
      ...(neverTrain && { neverTrain: true }),
    };
    if (ifOther === undefined) {
      const effect = await act(() => client.facts.preview(told));
      if (effect === undefined) return;
      if (effect.effect === 'conflicts') {
        setOther({ effect, next });
        return;
      }
    }
    const result = await act(() => client.facts.add({ ...told, ifOther: ifOther ?? 'refuse' }), {
      said: ({ fact, unchanged, replaced }) => {
        if (unchanged > 0) return text.facts.unchangedNew;
        if (fact.conflictsWith.length > 0) return text.facts.conflictNew(fact.value);
        const before = replaced === null ? '' : text.facts.replaced(replaced.statement);
        return text.facts.saved(fact.value) + before;
      },
      undo: () => client.facts.undo({}),
    });
    if (result === undefined) return;
    setOther(null);
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
      {other === null ? (
        <div className="line">
          <Button kind="primary" onPress={() => void add('show')}>
            {text.facts.add}
          </Button>
          <Button onPress={() => void add('another')}>{text.facts.addAnother}</Button>
        </div>
      ) : (
        <OtherValue
          known={other.effect.touches?.statement ?? ''}
          told={other.effect.statement}
          onChoose={(ifOther) => void add(other.next, ifOther)}
          onCancel={() => {
            setOther(null);
            first.current?.focus();
          }}
        />
      )}
    </div>
  );
}
