import { useState } from 'react';
import type { FitReport } from '../../../electron/contract/entities/catalogue.ts';
import { Button } from '../../components/button.tsx';
import { ModalDialog } from '../../components/modal-dialog.tsx';
import { text } from '../../text/en.ts';
import { bytes } from '../../text/format.ts';

export type FitLineProps = {
  readonly name: string;
  readonly fit: FitReport | null;
  readonly sizeBytes: number;
};

/** Whether a model fits, in words, with the sum behind "Why?". */
export function FitLine({ name, fit, sizeBytes }: FitLineProps) {
  const [isOpen, setIsOpen] = useState(false);
  const { models } = text;
  const isTight = fit === null || fit.chat === 'no' || fit.train === 'no';
  return (
    <span className={`fit${isTight ? ' is-tight' : ''}`}>
      {models.fitWords(fit)}
      {fit !== null && (
        <Button kind="quiet" aria-label={models.whyName(name)} onPress={() => setIsOpen(true)}>
          {models.why}
        </Button>
      )}
      {fit !== null && (
        <ModalDialog
          isOpen={isOpen}
          onClose={() => setIsOpen(false)}
          title={models.whyTitle(name)}
          actions={<Button onPress={() => setIsOpen(false)}>{text.common.close}</Button>}
        >
          <dl className="fit-sum">
            {(
              [
                ['file', sizeBytes],
                ['chat', fit.chatBytes],
                ['train', fit.trainBytes],
                ['frugal', fit.trainFrugalBytes],
                ['available', fit.availableBytes],
              ] as const
            ).map(([row, value]) => (
              <div key={row}>
                <dt>{models.whyRows[row]}</dt>
                <dd>{bytes(value)}</dd>
              </div>
            ))}
          </dl>
          <p className="muted">{models.whyNote}</p>
        </ModalDialog>
      )}
    </span>
  );
}
