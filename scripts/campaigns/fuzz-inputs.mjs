// Malformed inputs: valid documents that are damaged in a few places, and noise. Made by fast-check, so that a run is
// repeated by its seed and a failure is made smaller before it is shown.
import fc from 'fast-check';

const extremeNumbers = [0, 1, 2, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
const extremeLongs = [0n, 1n, 0x7fffffffn, 0x100000000n, 0x7fffffffffffffffn, 0xffffffffffffffffn];

/** Pieces of text that parsers trip over. */
const pieces = [
  ...[
    '"',
    '\\',
    '\\u0000',
    '\\ud800',
    "'",
    '{',
    '}',
    '[',
    ']',
    '[]',
    '{}',
    ',',
    ':',
    ';',
    '\n',
    '\r\n',
    '\r',
    '\t',
  ],
  ...['null', 'true', '-0', '1e999', '-1e999', '1e-400', '9007199254740993', '0x10', 'NaN', 'Infinity', '""'],
  ...[
    '\uFEFF',
    '\u2028',
    '\u0000',
    '\u202E',
    '👩‍👩‍👧',
    'e\u0301',
    '<|im_end|>',
    '{{value}}',
    '../..',
    '__proto__',
  ],
  ...['"__proto__":{"a":1},', '"constructor":1,', '"id":"a",', '-', '--', '%', '$(x)', "' OR 1=1 --"],
  ...['['.repeat(5000), '{"a":'.repeat(2000), '"'.repeat(999), 'x'.repeat(70_000), ',,,,,', '\n\n\n\n'],
].map((piece) => Buffer.from(piece));

/** A share of the length; not fc.double, most of whose numbers lie next to 0. */
const place = fc.integer({ min: 0, max: 1_000_000 }).map((millionths) => millionths / 1_000_000);

/** One damage: where (a share of the length) and what. */
const edit = fc.oneof(
  fc.record({ kind: fc.constant('flip'), at: place, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant('set'), at: place, byte: fc.nat(255) }),
  fc.record({
    kind: fc.constant('cut'),
    at: place,
  }),
  fc.record({
    kind: fc.constant('remove'),
    at: place,
    length: fc.integer({ min: 1, max: 64 }),
  }),
  fc.record({
    kind: fc.constant('repeat'),
    at: place,
    length: fc.integer({ min: 1, max: 200 }),
    times: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({
    kind: fc.constant('insert'),
    at: place,
    bytes: fc.oneof(
      fc.constantFrom(...pieces),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    ),
  }),
  fc.record({
    kind: fc.constant('number'),
    at: place,
    value: fc.constantFrom(...extremeNumbers),
  }),
  fc.record({
    kind: fc.constant('long'),
    at: place,
    value: fc.constantFrom(...extremeLongs),
  }),
);

function apply(bytes, { kind, at, ...how }) {
  const index = Math.min(Math.floor(at * (bytes.length + 1)), bytes.length);
  const changed = Buffer.from(bytes);
  switch (kind) {
    case 'flip':
      if (index < changed.length) changed[index] ^= 1 << how.bit;
      return changed;
    case 'set':
      if (index < changed.length) changed[index] = how.byte;
      return changed;
    case 'cut':
      return changed.subarray(0, index);
    case 'remove':
      return Buffer.concat([bytes.subarray(0, index), bytes.subarray(index + how.length)]);
    case 'repeat': {
      const piece = bytes.subarray(index, index + how.length);
      return Buffer.concat([
        bytes.subarray(0, index),
        ...Array.from({ length: how.times }, () => piece),
        bytes.subarray(index),
      ]);
    }
    case 'insert':
      return Buffer.concat([bytes.subarray(0, index), how.bytes, bytes.subarray(index)]);
    case 'number':
      if (index + 4 <= changed.length) changed.writeUInt32LE(how.value, index);
      return changed;
    case 'long':
      if (index + 8 <= changed.length) changed.writeBigUInt64LE(how.value, index);
      return changed;
    default:
      throw new Error(`unknown damage ${kind}`);
  }
}

/**
 * Inputs out of valid documents. `focus` is the share of each document, from its beginning, on which most damage falls
 * (a header before much data); `texts` also makes JSON values of every kind.
 */
export function malformed(documents, { focus = 1, texts = false } = {}) {
  const damaged = fc
    .tuple(fc.constantFrom(...documents), fc.boolean(), fc.array(edit, { minLength: 1, maxLength: 6 }))
    .map(([document, early, edits]) =>
      edits.reduce(
        (bytes, each) => apply(bytes, early ? { ...each, at: each.at * focus } : each),
        Buffer.from(document),
      ),
    );
  const noise = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));
  const json = fc.oneof(
    fc.json({ maxDepth: 5 }),
    fc.array(fc.json({ maxDepth: 2 }), { maxLength: 6 }).map((lines) => lines.join('\n')),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );
  return texts
    ? fc.oneof(
        { weight: 7, arbitrary: damaged },
        { weight: 1, arbitrary: noise },
        { weight: 2, arbitrary: json.map((text) => Buffer.from(text)) },
      )
    : fc.oneof({ weight: 9, arbitrary: damaged }, { weight: 1, arbitrary: noise });
}
