import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchSilence } from '../../../electron/platform/silence.ts';

describe('the watch over a worker that says nothing', () => {
  let slept = 0;
  const onHung = vi.fn();
  beforeEach(() => {
    slept = 0;
    onHung.mockClear();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const watch = () => watchSilence({ limitMs: 60_000, onHung, now: () => Date.now() + slept });

  it('calls it hung after a minute in which this process ran', () => {
    const silence = watch();
    vi.advanceTimersByTime(59_000);
    expect(silence.isHung()).toBe(false);
    vi.advanceTimersByTime(2_000);
    expect([silence.isHung(), onHung.mock.calls.length]).toEqual([true, 1]);
    silence.stop();
  });

  it('begins anew with each line', () => {
    const silence = watch();
    for (let minute = 0; minute < 5; minute += 1) {
      vi.advanceTimersByTime(50_000);
      silence.heard();
    }
    expect(onHung).not.toHaveBeenCalled();
    silence.stop();
  });

  it('does not count a night in which the machine slept', () => {
    const silence = watch();
    vi.advanceTimersByTime(50_000);
    slept = 8 * 3_600_000;
    vi.advanceTimersByTime(50_000);
    expect(silence.isHung()).toBe(false);
    vi.advanceTimersByTime(11_000);
    expect(silence.isHung()).toBe(true);
    silence.stop();
  });

  it('is not misled by a clock that is set back', () => {
    const silence = watch();
    vi.advanceTimersByTime(30_000);
    slept = -3_600_000;
    vi.advanceTimersByTime(31_000);
    expect(silence.isHung()).toBe(false);
    silence.stop();
  });
});
