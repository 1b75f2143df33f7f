import { describe, expect, it } from 'vitest';
import type { Device } from '../../electron/contract/entities/device.ts';
import { runCommand } from '../helpers/command-line.ts';
import { tempFolder } from '../helpers/temp-folder.ts';

describe('the devices that can train', () => {
  it('are listed with the processor last and a reason for each that cannot be used', async () => {
    const outcome = await runCommand(['devices', '--data', tempFolder(), '--json']);
    expect(outcome.code).toBe(0);
    const { devices } = outcome.result() as { devices: Device[] };
    const cpu = devices.at(-1);
    expect(cpu).toMatchObject({ name: 'cpu', type: 'cpu', supported: true, reason: null });
    expect(cpu?.memoryFreeBytes ?? 0).toBeGreaterThan(0);
    for (const each of devices.filter((device) => !device.supported)) expect(each.reason).toMatch(/\S+\./u);
  });

  it('are named when another one is asked for', async () => {
    const data = tempFolder();
    await runCommand(['facts', 'add', '--attribute', 'city', '--value', 'Porto', '--data', data]);
    const args = ['train', '--recipe', 'quick', '--device', 'abacus0', '--data', data, '--json'];
    const outcome = await runCommand(args);
    expect([outcome.code, outcome.errorCode()]).toEqual([2, 'invalid-input']);
    expect(outcome.stdout).toContain('abacus0');
    const status = (await runCommand(['status', '--data', data, '--json'])).result();
    expect(status).toMatchObject({ lastDevice: null, adapters: 0 });
  });
});
