/** Weights of adapter files as F32, whatever they were written in. Little endian, as both formats say. */

export type NumberType = 'F32' | 'F16' | 'BF16' | 'Q8_0';

/** Bytes that a number of values takes. */
export function bytesOf(type: NumberType, count: number): number {
  switch (type) {
    case 'F32':
      return count * 4;
    case 'F16':
    case 'BF16':
      return count * 2;
    case 'Q8_0':
      return (count / 32) * 34;
  }
}

/** Decodes all values of `bytes`. */
export function decode(type: NumberType, bytes: Buffer): Float32Array {
  switch (type) {
    case 'F32':
      return fill(bytes.length / 4, (index) => bytes.readFloatLE(index * 4));
    case 'F16':
      return fill(bytes.length / 2, (index) => fromHalf(bytes.readUInt16LE(index * 2)));
    case 'BF16':
      return fromBrain(bytes);
    case 'Q8_0':
      return fromQ8(bytes);
  }
}

/** The bytes of F32 values. */
export function encode(values: Float32Array): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes;
}

/** IEEE half precision: 1 sign, 5 exponent and 10 fraction bits. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** BF16 is the upper half of an F32. */
function fromBrain(bytes: Buffer): Float32Array {
  const wide = Buffer.alloc(bytes.length * 2);
  for (let index = 0; index < bytes.length; index += 2) {
    wide.writeUInt16LE(bytes.readUInt16LE(index), index * 2 + 2);
  }
  return decode('F32', wide);
}

/** Blocks of a half-precision scale and 32 signed bytes. */
function fromQ8(bytes: Buffer): Float32Array {
  return fill((bytes.length / 34) * 32, (index) => {
    const block = Math.floor(index / 32) * 34;
    return fromHalf(bytes.readUInt16LE(block)) * bytes.readInt8(block + 2 + (index % 32));
  });
}

function fill(count: number, valueOf: (index: number) => number): Float32Array {
  const values = new Float32Array(count);
  for (let index = 0; index < count; index += 1) values[index] = valueOf(index);
  return values;
}
