import { describe, expect, it } from 'vitest';
import { createRunProgress } from '../../../electron/core/training/run-progress.ts';
import {
  parseDevice,
  parseWorkerMessage,
  toTrainerEvent,
} from '../../../electron/core/training/trainer-protocol.ts';

/** What a person reads when the worker says this. */
function said(message: Record<string, unknown>): string | undefined {
  const parsed = parseWorkerMessage(message);
  const event = parsed === undefined ? undefined : toTrainerEvent(parsed);
  return event === undefined ? undefined : createRunProgress().take(event)?.title;
}

const plan = { type: 'plan', steps: 5, tokens: 100, memory_bytes: 1 };

describe('the device of a training', () => {
  it('is said where it is not the processor', () => {
    const found = said({ ...plan, device: 'cuda0', device_description: 'NVIDIA GeForce RTX 4090' });
    expect(found).toBe('Training on NVIDIA GeForce RTX 4090 (cuda0)');
    expect(said({ ...plan, device: 'cpu' })).toBeUndefined();
    expect(said(plan)).toBeUndefined();
  });

  it('is never passed over silently', () => {
    const message = 'The CUDA runtime is missing (libcudart.so.13). Using AMD Radeon instead.';
    expect(said({ type: 'warning', code: 'device-skipped', message })).toBe(message);
  });

  it('is checked once, and that is said', () => {
    expect(said({ type: 'phase', name: 'device-check' })).toContain('Checking the device');
    expect(said({ type: 'phase', name: 'load' })).toBeUndefined();
  });
});

describe('a line of the device list', () => {
  const line = {
    type: 'device',
    name: 'cuda0',
    description: '',
    device_type: 'gpu',
    memory_free: 0,
    memory_total: 0,
    supported: false,
    reason: 'There is no NVIDIA driver (libcuda.so.1).',
  };

  it('keeps the reason why a device cannot be used', () => {
    expect(parseDevice(line)).toMatchObject({ name: 'cuda0', supported: false, reason: line.reason });
    expect(parseDevice({ ...line, supported: true, reason: undefined }).reason).toBeNull();
  });

  it('of an unknown kind is refused', () => {
    expect(() => parseDevice({ ...line, device_type: 'abacus' })).toThrow();
  });
});
