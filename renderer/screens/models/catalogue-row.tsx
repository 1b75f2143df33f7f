import type { MethodOutputs } from '../../../electron/contract/methods.ts';
import { Button } from '../../components/button.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { bytes } from '../../text/format.ts';
import { DownloadRow } from './download-row.tsx';
import type { Download } from './downloads.ts';
import { FitLine } from './fit-line.tsx';

export type CatalogueRowProps = {
  readonly entry: MethodOutputs['models']['search']['catalogue'][number];
  readonly isHere: boolean;
  readonly download: Download | undefined;
};

/** A model of the catalogue: size, licence with its limits, whether it fits, and the way to get it. */
export function CatalogueRow({ entry, isHere, download }: CatalogueRowProps) {
  const client = useClient();
  const act = useAct();
  const { models } = text;
  const { id, name, licence, sizeBytes, isSizeApproximate, fit, remark, quantisation } = entry;
  if (download !== undefined) {
    return (
      <li className="model">
        <DownloadRow name={name} download={download} />
      </li>
    );
  }
  const size = isSizeApproximate ? models.approximately(bytes(sizeBytes)) : bytes(sizeBytes);
  const isTooBig = fit.chat === 'no' || fit.train === 'no';
  return (
    <li className="model">
      <div className="model-words">
        <p className="model-name">
          <strong>{name}</strong> <span className="muted">{size}</span>{' '}
          <span className="meta">{quantisation}</span>
        </p>
        <p>
          <FitLine name={name} fit={fit} sizeBytes={sizeBytes} />
        </p>
        <p className="meta">
          {licence.name}
          {licence.limits === '' ? '' : `: ${licence.limits}`}
          {remark === '' ? '' : ` | ${remark}`}
        </p>
      </div>
      <div className="model-acts">
        {isHere ? (
          <span className="muted">{models.own}</span>
        ) : (
          <Button
            aria-label={`${isTooBig ? models.tryAnyway : models.get}: ${name}`}
            onPress={() => void act(() => client.models.get({ source: id }))}
          >
            {isTooBig ? models.tryAnyway : models.get}
          </Button>
        )}
      </div>
    </li>
  );
}
