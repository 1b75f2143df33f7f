/** Where the window stood, kept in a small file. A file that cannot be read or written is no reason to fail. */
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const whole = z.number().int().min(-100_000).max(100_000);

const storedState = z.object({
  x: whole,
  y: whole,
  width: whole.min(400),
  height: whole.min(300),
  maximised: z.boolean(),
});
export type WindowState = z.infer<typeof storedState>;

/** A rectangle of the screen. */
export type Area = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

/** Size of the first window. */
const firstSize = { width: 1200, height: 800 };
/** How much of the window must be on a screen, in pixels each way. */
const seenAtLeast = 100;

/** Size and, where that place is still on a screen, place of the next window. */
export function readWindowState(file: string, screens: readonly Area[]): Partial<WindowState> {
  try {
    const state = storedState.parse(JSON.parse(readFileSync(file, 'utf8')));
    const { x, y, ...size } = state;
    return screens.some((screen) => isSeen(state, screen)) ? { x, y, ...size } : size;
  } catch {
    return firstSize;
  }
}

/** Keeps it for the next start. */
export function writeWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
  } catch {
    // The next window opens where this one opened.
  }
}

function isSeen(window: Area, screen: Area): boolean {
  const across = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x);
  const down = Math.min(window.y + window.height, screen.y + screen.height) - Math.max(window.y, screen.y);
  return across >= seenAtLeast && down >= seenAtLeast;
}
