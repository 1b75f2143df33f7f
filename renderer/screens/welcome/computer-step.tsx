import { useLocation } from 'wouter';
import { Button } from '../../components/button.tsx';
import { ErrorNote } from '../../components/error-note.tsx';
import { Loading } from '../../components/loading.tsx';
import { Note } from '../../components/note.tsx';
import { useApp, useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';
import { bytes } from '../../text/format.ts';
import { useSamplePerson } from './use-sample-person.ts';

const littleDisk = 2e9;
const littleMemory = 1e9;

/** What was found in this computer, and what it means. */
export function ComputerStep() {
  const client = useClient();
  const [, navigate] = useLocation();
  const { data: machine, error, reload } = useQuery(client.machine.get, {}, []);
  const { data: found } = useQuery(client.devices.list, {}, []);
  const facts = useApp((state) => state.summary?.facts.total ?? null);
  const addSample = useSamplePerson();
  const { welcome } = text;
  const graphics = (found?.devices ?? []).filter(({ type }) => type === 'gpu' || type === 'igpu');
  const usable = graphics.filter(({ supported }) => supported);

  return (
    <>
      <p>{welcome.intro}</p>
      {error !== null && <ErrorNote error={error} onRetry={reload} />}
      {machine === undefined && error === null && <Loading what={welcome.steps.computer.toLowerCase()} />}
      {machine !== undefined && (
        <dl className="card wizard-data">
          <div>
            <dt>{welcome.graphics}</dt>
            <dd>
              {found === undefined
                ? text.common.reading(welcome.graphics.toLowerCase())
                : usable.length > 0
                  ? usable
                      .map((device) => `${device.description}, ${bytes(device.memoryTotalBytes)}`)
                      .join('; ')
                  : text.common.none}
            </dd>
          </div>
          <div>
            <dt>{welcome.processor}</dt>
            <dd>{welcome.processorWords(machine.processor, machine.threads)}</dd>
          </div>
          <div>
            <dt>{welcome.memory}</dt>
            <dd>{welcome.memoryWords(machine.memoryBytes, machine.freeMemoryBytes)}</dd>
          </div>
          <div>
            <dt>{welcome.disk}</dt>
            <dd>{bytes(machine.freeDiskBytes)}</dd>
          </div>
          <div>
            <dt>{welcome.dataFolder}</dt>
            <dd>
              <code>{machine.dataFolder}</code>
              <span className="meta wizard-note">{welcome.dataNote}</span>
            </dd>
          </div>
        </dl>
      )}
      {found !== undefined && usable.length === 0 && (
        <Note>
          <p>{welcome.noGraphics}</p>
          {graphics.map((device) => (
            <p key={device.name} className="meta">
              {welcome.graphicsUnusable(device.description, device.reason ?? text.common.unknown)}
            </p>
          ))}
        </Note>
      )}
      {machine !== undefined && machine.freeDiskBytes !== null && machine.freeDiskBytes < littleDisk && (
        <Note kind="warning">{welcome.littleDisk(machine.freeDiskBytes)}</Note>
      )}
      {machine !== undefined && machine.freeMemoryBytes < littleMemory && (
        <Note kind="warning">{welcome.littleMemory(machine.freeMemoryBytes)}</Note>
      )}
      {facts === 0 && (
        <div>
          <Button onPress={() => void addSample().then(() => navigate('/welcome/model'))}>
            {welcome.sample}
          </Button>
        </div>
      )}
    </>
  );
}
