/**
 * The pieces of a text as they are made, then what the making gave. Leaving the iteration aborts the making.
 */
export async function* streamPieces<Result>(
  make: (onPiece: (piece: string) => void, signal: AbortSignal) => Promise<Result>,
  outer?: AbortSignal,
): AsyncGenerator<string, Result, undefined> {
  const left = new AbortController();
  const signal = outer === undefined ? left.signal : AbortSignal.any([left.signal, outer]);
  const pieces: string[] = [];
  let wake: () => void = () => undefined;
  const state = { ended: false };
  const making = make((piece) => {
    pieces.push(piece);
    wake();
  }, signal).finally(() => {
    state.ended = true;
    wake();
  });
  making.catch(() => undefined); // thrown to the reader below
  try {
    for (;;) {
      for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) yield piece;
      if (state.ended) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return await making;
  } finally {
    left.abort();
  }
}
