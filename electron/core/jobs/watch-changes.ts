export type WatchInput<Value> = {
  readonly read: () => Value;
  /** True for a value after which nothing more will come. */
  readonly isLast: (value: Value) => boolean;
  /** Calls the listener after each change; gives its removal. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly signal?: AbortSignal | undefined;
};

/** A value now and whenever it changed since it was last read, until it is the last one or the reader goes. */
export async function* watchChanges<Value>(input: WatchInput<Value>): AsyncGenerator<Value, void, undefined> {
  const { signal } = input;
  let hasChanged = false;
  let wake: () => void = () => undefined;
  const onChange = (): void => {
    hasChanged = true;
    wake();
  };
  const unsubscribe = input.subscribe(onChange);
  signal?.addEventListener('abort', onChange);
  try {
    while (signal?.aborted !== true) {
      hasChanged = false;
      const value = input.read();
      yield value;
      if (input.isLast(value)) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (hasChanged || signal?.aborted === true) resolve();
      });
    }
  } finally {
    unsubscribe();
    signal?.removeEventListener('abort', onChange);
  }
}
