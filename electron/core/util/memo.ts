/** Longer texts are not remembered. */
const longest = 500;

/** A pure function of a text that remembers what it gave; it begins anew when it remembers too much. */
export function memoised<Result>(compute: (text: string) => Result, most = 20_000): (text: string) => Result {
  const known = new Map<string, Result>();
  return (text) => {
    if (text.length > longest) return compute(text);
    const found = known.get(text);
    if (found !== undefined) return found;
    const result = compute(text);
    if (known.size >= most) known.clear();
    known.set(text, result);
    return result;
  };
}
