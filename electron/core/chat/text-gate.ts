/**
 * Lets the text of an answer through piece by piece as it will stand in the end: without spaces around it, and without
 * a stop text or what follows one. What may still become part of either waits.
 */

export type TextGate = {
  readonly push: (piece: string) => void;
  readonly isStopped: () => boolean;
  /** Gives the whole text; what waited and belongs to it is let through. */
  readonly finish: () => string;
};

/** Makes a gate; `emit` is given every piece of the final text in order. */
export function createTextGate(stops: readonly string[], emit: (piece: string) => void): TextGate {
  const longest = Math.max(0, ...stops.map((stop) => stop.length));
  let text = '';
  let emitted = 0;
  let stopped = false;

  const letThrough = (end: number): void => {
    const sure = text.slice(0, end).trimEnd().length;
    if (sure <= emitted) return;
    emit(text.slice(emitted, sure));
    emitted = sure;
  };

  return {
    push: (piece) => {
      if (stopped) return;
      const searchFrom = Math.max(0, text.length - longest + 1);
      text = text === '' ? piece.trimStart() : text + piece;
      const found = stops
        .map((stop) => text.indexOf(stop, searchFrom))
        .filter((index) => index >= 0)
        .sort((one, other) => one - other)[0];
      if (found !== undefined) {
        text = text.slice(0, found);
        stopped = true;
      }
      letThrough(stopped ? text.length : text.length - waitingLength(text, stops));
    },
    isStopped: () => stopped,
    finish: () => {
      letThrough(text.length);
      return text.trimEnd();
    },
  };
}

/** Length of the longest end of the text that a stop text begins with. */
function waitingLength(text: string, stops: readonly string[]): number {
  let waiting = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > waiting; length -= 1) {
      if (text.endsWith(stop.slice(0, length))) waiting = length;
    }
  }
  return waiting;
}
