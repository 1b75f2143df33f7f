import { useEffect, useRef, useState } from 'react';
import type { FactWithState } from '../../../electron/contract/entities/ledger.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/text-field.tsx';
import { text } from '../../text/en.ts';
import { today } from '../../text/format.ts';
import { isDate } from './fact-rules.ts';
import { useFactActs } from './use-fact-acts.ts';

export type FactValueProps = {
  readonly fact: FactWithState;
  readonly wantsEdit: boolean;
  readonly onMoved: (id: string) => void;
};

/** The value; a new one asks what is new about it. */
export function FactValue({ fact, wantsEdit, onMoved }: FactValueProps) {
  const acts = useFactActs();
  const field = useRef<HTMLInputElement>(null);
  const changed = useRef<HTMLButtonElement>(null);
  const [value, setValue] = useState(fact.value);
  const [shown, setShown] = useState(fact.value);
  const [from, setFrom] = useState(today);
  if (fact.value !== shown) {
    setShown(fact.value);
    setValue(fact.value);
  }
  useEffect(() => {
    if (!wantsEdit) return;
    field.current?.focus();
    field.current?.select();
  }, [wantsEdit]);

  const trimmed = value.trim();
  const isNew = trimmed !== '' && trimmed !== fact.value;

  async function save(how: 'changed' | 'typo'): Promise<void> {
    const result = await acts.changeValue(fact, trimmed, how, from);
    if (result !== undefined && result.id !== fact.id) onMoved(result.id);
  }

  return (
    <div className="stack-small">
      <TextField
        label={text.facts.value}
        value={value}
        onChange={setValue}
        fieldRef={field}
        onEnter={() => changed.current?.focus()}
        onEscape={isNew ? () => setValue(fact.value) : undefined}
      />
      {isNew && (
        <div className="fact-choice" role="group" aria-label={text.facts.changedOrTypo}>
          <p className="strong">{text.facts.changedOrTypo}</p>
          <div className="fact-choice-part">
            <Button isDisabled={!isDate(from)} onPress={() => void save('changed')} ref={changed}>
              {text.facts.itChanged}
            </Button>
            <p className="meta">{text.facts.itChangedNote}</p>
            <TextField
              label={text.facts.changedOn}
              value={from}
              onChange={setFrom}
              problem={isDate(from) ? undefined : text.facts.badDate}
              maxLength={10}
            />
          </div>
          <div className="fact-choice-part">
            <Button onPress={() => void save('typo')}>{text.facts.itWasTypo}</Button>
            <p className="meta">{text.facts.itWasTypoNote}</p>
          </div>
        </div>
      )}
    </div>
  );
}
