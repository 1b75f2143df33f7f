import { copyText } from '../../client/host.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/text-field.tsx';
import { announce } from '../../state/store.ts';
import { useAct, useApp, useAppStore, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';

/** What a report of a fault needs, shown whole before it is copied; nothing personal is in it. */
export function Diagnostics() {
  const client = useClient();
  const store = useAppStore();
  const act = useAct();
  const machine = useQuery(client.machine.get, {}, []).data;
  const devices = useQuery(client.devices.list, {}, []).data?.devices;
  const models = useQuery(client.models.list, {}, ['models']).data?.models;
  const summary = useApp((state) => state.summary);
  const jobs = useApp((state) => state.jobs);
  const words = text.settings;
  // The data folder is left out: its path often holds its owner's name.
  const { dataFolder: _folder, ...computer } = machine ?? { dataFolder: '' };
  const shown = JSON.stringify(
    {
      computer,
      devices: devices?.map(({ name, type, supported, reason, memoryTotalBytes }) => ({
        ...{ name, type, supported, reason, memoryTotalBytes },
      })),
      models: models?.map(({ architecture, quantisation, sizeBytes, isFileThere }) => ({
        ...{ architecture, quantisation, sizeBytes, isFileThere },
      })),
      status: summary?.state,
      facts: summary?.facts,
      jobs: Object.values(jobs).map(({ kind, state, error }) => ({
        kind,
        state,
        error: error?.code ?? null,
      })),
    },
    null,
    2,
  );
  return (
    <>
      <p className="prose">{words.diagnosticsWords}</p>
      <TextField
        label={words.diagnosticsField}
        value={shown}
        onChange={() => undefined}
        rows={16}
        isReadOnly
        maxLength={1_000_000}
      />
      <div>
        <Button
          onPress={() =>
            void act(async () => {
              await copyText(client, shown);
              announce(store, words.copied);
            })
          }
        >
          {words.copy}
        </Button>
      </div>
    </>
  );
}
