/**
 * The first key that an object of a JSON text has twice, at any depth. `JSON.parse` keeps the last one silently, so
 * that two readers of one file could see two different adapters. The text is known to be valid JSON.
 */
export function findRepeatedKey(text: string): string | undefined {
  const open: (Set<string> | null)[] = [];
  let expectsKey = false;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    if (sign === '{') {
      open.push(new Set());
      expectsKey = true;
    } else if (sign === '[') {
      open.push(null);
      expectsKey = false;
    } else if (sign === '}' || sign === ']') {
      open.pop();
      expectsKey = false;
    } else if (sign === ',') {
      expectsKey = open.at(-1) !== null;
    } else if (sign === '"') {
      const end = endOfString(text, index);
      const keys = open.at(-1);
      if (expectsKey && keys !== null && keys !== undefined) {
        const key = String(JSON.parse(text.slice(index, end + 1)));
        if (keys.has(key)) return key;
        keys.add(key);
      }
      expectsKey = false;
      index = end;
    }
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index;
}
