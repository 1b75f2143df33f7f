import { useState } from 'react';
import type { FitReport } from '../../../electron/contract/entities/catalogue.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/checkbox.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { Screen } from '../../shell/screen.tsx';
import { useApp, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import '../../styles/tables.css';
import './models.css';
import { AddFile } from './add-file.tsx';
import { CatalogueRow } from './catalogue-row.tsx';
import { downloadOf, shownDownloads } from './downloads.ts';
import { DownloadRow } from './download-row.tsx';
import { HubList } from './hub-list.tsx';
import { MachineLine } from './machine-line.tsx';
import { OwnModel } from './own-model.tsx';

/** The place for base models: what is here, what can be had, and what fits. */
export default function ModelsScreen() {
  const client = useClient();
  const jobs = useApp((state) => state.jobs);
  const baseModelId = useApp((state) => state.settings?.baseModelId ?? null);
  const [search, setSearch] = useState('');
  const [isFitting, setIsFitting] = useState(false);
  const [isHub, setIsHub] = useState(false);
  const [isAdding, setIsAdding] = useState(false);
  const own = useQuery(client.models.list, {}, ['models', 'settings']);
  const found = useQuery(client.models.search, { query: search, hub: isHub, limit: 20 }, ['models']);
  const status = useQuery(client.status.get, {}, ['models', 'settings', 'adapters']).data;
  const { models } = text;
  const ownModels = own.data?.models ?? [];
  const activeId = baseModelId ?? status?.baseModelId ?? null;
  const downloads = shownDownloads(Object.values(jobs));
  const catalogue = found.data?.catalogue ?? [];
  const hub = found.data?.hub ?? null;
  const shown = catalogue.filter(({ fit }) => !isFitting || doesFit(fit));
  const named = (source: string) => catalogue.find(({ id }) => id === source)?.name ?? source;
  const loose = downloads.filter(({ source }) => !catalogue.some(({ id }) => id === source));
  return (
    <Screen
      title={text.shell.places.models}
      secondary={<Button onPress={() => setIsAdding(true)}>{models.addFile}</Button>}
    >
      <MachineLine />
      <section className="stack-small" aria-label={models.own}>
        <h2>{models.own}</h2>
        {own.error !== null && <ErrorNote error={own.error} onRetry={own.reload} />}
        {own.data === undefined && own.error === null && <Loading what={models.reading} />}
        {own.data !== undefined && ownModels.length === 0 && <p className="muted">{models.noneOwn}</p>}
        <ul className="models">
          {ownModels.map((model) => (
            <OwnModel
              key={model.id}
              model={model}
              isActive={model.id === activeId}
              activeName={ownModels.find(({ id }) => id === activeId)?.name ?? null}
            />
          ))}
        </ul>
      </section>
      <section className="stack-small" aria-label={models.catalogue}>
        <div className="line">
          <h2>{models.catalogue}</h2>
        </div>
        <div className="line">
          <SearchField label={models.search} value={search} onSearch={setSearch} />
          <Checkbox isSelected={isFitting} onChange={setIsFitting}>
            {models.fitsOnly}
          </Checkbox>
          <Checkbox isSelected={isHub} onChange={setIsHub}>
            {models.hub}
          </Checkbox>
        </div>
        {found.error !== null && <ErrorNote error={found.error} onRetry={found.reload} />}
        {found.data === undefined && found.error === null && <Loading what={models.reading} />}
        {found.data !== undefined && shown.length === 0 && <p className="muted">{models.noneFit}</p>}
        <ul className="models">
          {loose.map((download) => (
            <li key={download.job.id} className="model">
              <DownloadRow name={named(download.source)} download={download} />
            </li>
          ))}
          {shown.map((entry) => (
            <CatalogueRow
              key={entry.id}
              entry={entry}
              isHere={ownModels.some(
                ({ sha256, name, isFileThere }) =>
                  isFileThere && (sha256 === entry.sha256 || name === entry.name),
              )}
              download={downloadOf(downloads, entry.id)}
            />
          ))}
        </ul>
        {isHub && hub !== null && <HubList found={hub} />}
      </section>
      {isAdding && <AddFile onClose={() => setIsAdding(false)} />}
    </Screen>
  );
}

const doesFit = (fit: FitReport): boolean => fit.chat === 'yes' && fit.train !== 'no';
