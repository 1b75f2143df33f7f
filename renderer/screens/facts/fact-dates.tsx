import { useState } from 'react';
import type { FactWithState } from '../../../electron/contract/entities/ledger.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/text-field.tsx';
import { text } from '../../text/en.ts';
import { isDate } from './fact-rules.ts';
import { useFactActs } from './use-fact-acts.ts';

/** From when until when it is true. */
export function FactDates({ fact }: { readonly fact: FactWithState }) {
  const acts = useFactActs();
  const [from, setFrom] = useState(fact.validFrom ?? '');
  const [to, setTo] = useState(fact.validTo ?? '');
  const isChanged = from !== (fact.validFrom ?? '') || to !== (fact.validTo ?? '');
  const canSave = isChanged && isDate(from) && isDate(to);
  const save = () => {
    if (canSave) void acts.changeDates(fact, from, to);
  };
  const problem = (value: string) => (isDate(value) ? undefined : text.facts.badDate);

  return (
    <div className="stack-small">
      <div className="fact-dates">
        <TextField
          label={text.facts.trueFrom}
          value={from}
          onChange={setFrom}
          problem={problem(from)}
          maxLength={10}
          onEnter={save}
        />
        <TextField
          label={text.facts.trueUntil}
          value={to}
          onChange={setTo}
          problem={problem(to)}
          maxLength={10}
          onEnter={save}
        />
      </div>
      {isChanged && (
        <>
          <p className="meta">{text.facts.dateNote}</p>
          <div>
            <Button isDisabled={!canSave} onPress={save}>
              {text.facts.saveDates}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}
