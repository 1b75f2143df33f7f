import { Loading } from '../../components/loading.tsx';
import { useClient } from '../../state/use-app.ts';
import { useQuery } from '../../state/use-query.ts';
import { text } from '../../text/en.ts';

/** What this computer has, in one line. */
export function MachineLine() {
  const client = useClient();
  const machine = useQuery(client.machine.get, {}, []).data;
  const devices = useQuery(client.devices.list, {}, []).data?.devices;
  const { models } = text;
  if (machine === undefined) return <Loading what={models.readingMachine} />;
  const graphics =
    devices?.filter(({ type, supported }) => supported && (type === 'gpu' || type === 'igpu')) ?? [];
  return (
    <div className="machine">
      {graphics.map(({ name, description, memoryFreeBytes, memoryTotalBytes }) => (
        <p key={name}>{models.graphics(description, memoryFreeBytes, memoryTotalBytes)}</p>
      ))}
      <p>
        {models.machine(
          machine.processor,
          machine.threads,
          machine.freeMemoryBytes,
          machine.memoryBytes,
          machine.freeDiskBytes,
        )}
      </p>
      {devices !== undefined && graphics.length === 0 && <p className="meta">{models.noGraphics}</p>}
    </div>
  );
}
