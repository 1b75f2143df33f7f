import { afterEach, describe, expect, it, vi } from 'vitest';
import { faultPoint } from '../../../electron/core/util/fault-point.ts';

describe('a named moment', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('does nothing unless it is asked for by name', () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    faultPoint('quiet');
    vi.stubEnv('KEEPSAKE_FAULT', 'kill:another');
    faultPoint('quiet');
    expect(kill).not.toHaveBeenCalled();
  });

  it('kills at the time that was asked for, once', () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    vi.stubEnv('KEEPSAKE_FAULT', 'kill-worker:third:3');
    for (let time = 0; time < 5; time += 1) faultPoint('third', { worker: 42 });
    expect(kill.mock.calls).toEqual([[42, 'SIGKILL']]);
  });

  it('fails as a full disk does', () => {
    vi.stubEnv('KEEPSAKE_FAULT', 'fail:full');
    expect(() => {
      faultPoint('full');
    }).toThrow(/ENOSPC/);
  });
});
