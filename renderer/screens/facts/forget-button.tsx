import { useState } from 'react';
import type { FactWithState } from '../../../electron/contract/entities/ledger.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/checkbox.tsx';
import { useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { ForgetDialog } from './forget-dialog.tsx';

export type ForgetButtonProps = {
  readonly fact: FactWithState;
  /** Other versions of the same thing. */
  readonly versions: number;
  readonly onForgotten: () => void;
};

/** Forgets a fact, after asking. */
export function ForgetButton({ fact, versions, onForgotten }: ForgetButtonProps) {
  const client = useClient();
  const [isAsking, setIsAsking] = useState(false);
  const [allVersions, setAllVersions] = useState(true);
  return (
    <>
      <Button onPress={() => setIsAsking(true)}>{text.facts.forget}</Button>
      {isAsking && (
        <ForgetDialog
          title={text.facts.forgetTitle}
          words={text.facts.forgetWords(fact.statement)}
          forget={() => client.facts.remove({ id: fact.id, allVersions: versions > 0 && allVersions })}
          onClose={() => setIsAsking(false)}
          onForgotten={onForgotten}
        >
          {versions > 0 && (
            <Checkbox isSelected={allVersions} onChange={setAllVersions}>
              {text.facts.forgetVersions}
            </Checkbox>
          )}
        </ForgetDialog>
      )}
    </>
  );
}
