import type { HubModel } from '../../../electron/contract/entities/catalogue.ts';
import { Button } from '../../components/button.tsx';
import { useAct, useClient } from '../../state/use-app.ts';
import { text } from '../../text/en.ts';
import { bytes } from '../../text/format.ts';

const filesAtOnce = 8;

/** What the hub answered to the search. */
export function HubList({ found }: { readonly found: readonly HubModel[] }) {
  const client = useClient();
  const act = useAct();
  const { models } = text;
  return (
    <section className="stack-small" aria-label={models.hubTitle}>
      <h3>{models.hubTitle}</h3>
      {found.length === 0 && <p className="muted">{models.hubNone}</p>}
      <ul className="models">
        {found.map(({ repository, licence, architecture, isSupported, isGated, files }) => (
          <li key={repository} className="model">
            <div className="model-words">
              <p className="model-name">
                <strong>{repository}</strong>{' '}
                <span className="meta">
                  {[
                    licence ?? models.unknownLicence,
                    architecture,
                    isGated ? models.gated : null,
                    isSupported === false ? models.unsupported : null,
                  ]
                    .filter((part) => part !== null)
                    .join(' | ')}
                </span>
              </p>
              <ul className="hub-files">
                {files.slice(0, filesAtOnce).map(({ file, source, sizeBytes }) => (
                  <li key={source}>
                    <span className="model-path">{file}</span>{' '}
                    <span className="muted">{bytes(sizeBytes)}</span>
                    <Button
                      kind="quiet"
                      isDisabled={isGated}
                      aria-label={`${models.get}: ${file}`}
                      onPress={() => void act(() => client.models.get({ source }))}
                    >
                      {isSupported === false ? models.tryAnyway : models.get}
                    </Button>
                  </li>
                ))}
              </ul>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
