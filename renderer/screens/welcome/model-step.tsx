import { useState } from 'react';
import type { MethodOutputs } from '../../../electron/contract/methods.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { Note } from '../../components/note.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useAct, useApp, useAppStore, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { bytes } from '../../text/format.ts';
import { Downloads } from './downloads.tsx';

type Entry = MethodOutputs['models']['search']['catalogue'][number];
type KnownModel = MethodOutputs['models']['list']['models'][number];

const shownEntries = 3;
/** What leaves room for other programs. */
const easyShare = 0.6;
/** A processor teaches these within an hour or so. */
const processorParameters = 2e9;

/** Models that fit, those that are here, or a file of one's own. */
export function ModelStep() {
  const client = useClient();
  const act = useAct();
  const store = useAppStore();
  const { data: known } = useQuery(client.models.list, {}, ['models']);
  const { data: offered, error, reload } = useQuery(client.models.search, {}, ['models']);
  const { data: found } = useQuery(client.devices.list, {}, []);
  const chosen = useApp((state) => state.settings?.baseModelId ?? null);
  const hasDefault = useApp((state) => state.summary !== null && state.summary.state !== 'no-model');
  const { welcome } = text;
  const models = known?.models ?? [];
  const { entries, doFit } = chooseEntries(
    offered?.catalogue ?? [],
    (found?.devices ?? []).some(({ type, supported }) => type === 'gpu' && supported),
  );

  async function use(id: string): Promise<void> {
    const settings = await act(() => client.settings.set({ baseModelId: id }));
    if (settings !== undefined) store.setState({ settings });
  }

  return (
    <>
      {models.length === 0 && hasDefault && <Note>{welcome.defaultThere}</Note>}
      {models.length > 0 && (
        <section className="stack-small">
          <h2>{welcome.here}</h2>
          <ul className="model-lines">
            {models.map((model) => (
              <ModelLine
                key={model.id}
                model={model}
                isChosen={model.id === chosen || (chosen === null && models.length === 1)}
                onUse={() => void use(model.id)}
              />
            ))}
          </ul>
        </section>
      )}
      <Downloads />
      <section className="stack-small">
        <h2>{doFit || entries.length === 0 ? welcome.recommended : welcome.noneFits}</h2>
        {error !== null && <ErrorNote error={error} onRetry={reload} />}
        {offered === undefined && error === null && <Loading what={welcome.steps.model.toLowerCase()} />}
        <ul className="model-lines">
          {entries.map((entry) => (
            <li key={entry.id}>
              <div className="model-words">
                <span className="strong">{entry.name}</span>
                <span className="meta">
                  {bytes(entry.sizeBytes)}, {entry.licence.name}
                  {entry.licence.limits === '' ? '' : `: ${entry.licence.limits}`}
                </span>
                <span className="meta">{fitWords(entry.fit)}</span>
              </div>
              <Button
                aria-label={`${welcome.get} ${entry.name}`}
                onPress={() =>
                  void act(() => client.models.get({ source: entry.id }), { said: welcome.nextWorks })
                }
              >
                {welcome.get}
              </Button>
            </li>
          ))}
        </ul>
        <a href="#/models">{welcome.moreModels}</a>
      </section>
      <OwnFile onUse={use} />
    </>
  );
}

function ModelLine({
  model,
  isChosen,
  onUse,
}: {
  readonly model: KnownModel;
  readonly isChosen: boolean;
  readonly onUse: () => void;
}) {
  const { welcome } = text;
  return (
    <li>
      <div className="model-words">
        <span className="strong">{model.name}</span>
        <span className="meta">
          {bytes(model.sizeBytes)}
          {model.licence === null ? '' : `, ${model.licence}`}
        </span>
        <span className="meta">
          {model.isFileThere
            ? model.fit === null
              ? text.common.unknown
              : fitWords(model.fit)
            : welcome.missingFile}
        </span>
      </div>
      {isChosen ? (
        <span className="chip chip-in-weights">{welcome.inUse}</span>
      ) : (
        <Button aria-label={`${welcome.use} ${model.name}`} isDisabled={!model.isFileThere} onPress={onUse}>
          {welcome.use}
        </Button>
      )}
    </li>
  );
}

function OwnFile({ onUse }: { readonly onUse: (id: string) => Promise<void> }) {
  const client = useClient();
  const act = useAct();
  const [file, setFile] = useState('');
  const { welcome } = text;
  async function add(): Promise<void> {
    const path = file.trim();
    if (path === '') return;
    const result = await act(() => client.models.add({ file: path }), {
      said: ({ model }) => welcome.added(model.name),
    });
    if (result === undefined) return;
    setFile('');
    await onUse(result.id);
  }
  return (
    <section className="stack-small">
      <h2>{welcome.ownFile}</h2>
      <div className="own-file">
        <TextField
          label={welcome.ownFile}
          isLabelHidden
          value={file}
          onChange={setFile}
          note={welcome.ownFileNote}
          onEnter={() => void add()}
        />
        <Button isDisabled={file.trim() === ''} onPress={() => void add()}>
          {welcome.addFile}
        </Button>
      </div>
    </section>
  );
}

/**
 * Three that fit for chat and training, the largest first; the smallest where none fits. Without a graphics card larger
 * ones would learn for hours, so that small ones are named.
 */
function chooseEntries(
  catalogue: readonly Entry[],
  hasGraphics: boolean,
): { readonly entries: readonly Entry[]; readonly doFit: boolean } {
  const bySize = (sign: 1 | -1) => (a: Entry, b: Entry) => sign * (a.sizeBytes - b.sizeBytes);
  const fitting = catalogue.filter(({ fit }) => fit.chat === 'yes' && fit.train !== 'no');
  const easy = fitting.filter(
    ({ fit, parameters }) =>
      fit.train === 'yes' &&
      fit.trainBytes <= easyShare * fit.availableBytes &&
      (hasGraphics || parameters <= processorParameters),
  );
  if (easy.length > 0) return { entries: [...easy].sort(bySize(-1)).slice(0, shownEntries), doFit: true };
  return {
    entries: [...(fitting.length > 0 ? fitting : catalogue)].sort(bySize(1)).slice(0, shownEntries),
    doFit: fitting.length > 0,
  };
}

function fitWords({ chat, train, trainBytes, trainFrugalBytes, availableBytes }: Entry['fit']): string {
  const { welcome } = text;
  if (chat === 'no') return `${welcome.fitsNot}: ${welcome.memoryNeed(trainBytes, availableBytes)}`;
  if (train === 'yes') return `${welcome.fits}: ${welcome.memoryNeed(trainBytes, availableBytes)}`;
  if (train === 'slowly')
    return `${welcome.fitsSlowly}: ${welcome.memoryNeed(trainFrugalBytes, availableBytes)}`;
  return `${welcome.fitsChat}: ${welcome.memoryNeed(trainFrugalBytes, availableBytes)}`;
}
