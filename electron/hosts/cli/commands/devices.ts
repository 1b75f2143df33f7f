import type { Device } from '../../../contract/entities/device.ts';
import { withApp, type CommandGroup } from '../command.ts';

/** `keepsake devices` */
export const devicesCommands: CommandGroup = (program, run) => {
  program
    .command('devices')
    .description('list what can train on this machine')
    .action(() =>
      run((context) =>
        withApp(context, 'read', async ({ client }) => {
          const result = await client.devices.list({}, { signal: context.signal });
          return { result, text: result.devices.map(describe).join('\n') };
        }),
      ),
    );
};

function describe(device: Device): string {
  if (!device.supported) return `${device.name}  not usable: ${device.reason ?? 'no reason was given'}`;
  const memory = `${gigabytes(device.memoryFreeBytes)} of ${gigabytes(device.memoryTotalBytes)} GB free`;
  const note = device.type === 'software' ? '  (computed by the processor; only for trials)' : '';
  return `${device.name}  ${device.description}  ${memory}${note}`;
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
