/** Crockford's base32: no I, L, O, U, so that it can be read aloud over a counter and typed by a tired hand. */
export const crockfordAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Value of each character, reading O as 0 and I, L as 1, in either case. */
const valueByCharacter = new Map<string, number>(
  crockfordAlphabet.split('').flatMap((character, value) => [
    [character, value],
    [character.toLowerCase(), value],
  ]),
);
for (const [written, meant] of [
  ['O', '0'],
  ['I', '1'],
  ['L', '1'],
] as const) {
  const value = crockfordAlphabet.indexOf(meant);
  valueByCharacter.set(written, value).set(written.toLowerCase(), value);
}

/** A whole number as exactly `length` characters, most significant first. */
export function encodeNumber(value: number, length: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} cannot be written in base32`);
  let text = '';
  let rest = value;
  for (let position = 0; position < length; position += 1) {
    text = crockfordAlphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  if (rest > 0) throw new RangeError(`${value} does not fit in ${length} base32 characters`);
  return text;
}

/** The number that `text` stands for, or null where a character is none of the alphabet. */
export function decodeNumber(text: string): number | null {
  let value = 0;
  for (const character of text) {
    const digit = valueByCharacter.get(character);
    if (digit === undefined) return null;
    value = value * 32 + digit;
  }
  return Number.isSafeInteger(value) ? value : null;
}

/** Bytes as base32, most significant bit first, last group filled with zeros, no padding (devices.md 4.3). */
export function encodeBytes(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += crockfordAlphabet.charAt((value >> bits) & 31);
    }
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? text + crockfordAlphabet.charAt((value << (5 - bits)) & 31) : text;
}

/** The bytes that `encodeBytes` wrote, or null: a foreign character, a length that no bytes give, or filling that is not zero. */
export function decodeBytes(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  if (Math.ceil((bytes.length * 8) / 5) !== text.length) return null;
  let bits = 0;
  let value = 0;
  let index = 0;
  for (const character of text) {
    const digit = valueByCharacter.get(character);
    if (digit === undefined) return null;
    value = (value << 5) | digit;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[index] = value >> bits;
      index += 1;
      value &= (1 << bits) - 1;
    }
  }
  return value === 0 ? bytes : null;
}

/**
 * One check character by the Luhn mod N algorithm with N = 32 (ISO/IEC 7812-1 annex B, generalised): it catches every single
 * wrong character and nearly every swap of two neighbours, and stays in the same alphabet.
 */
export function checkCharacter(text: string): string {
  let sum = 0;
  let factor = 2;
  for (let position = text.length - 1; position >= 0; position -= 1) {
    const digit = valueByCharacter.get(text.charAt(position));
    if (digit === undefined) throw new RangeError(`${text} is not base32`);
    const addend = digit * factor;
    sum += Math.floor(addend / 32) + (addend % 32);
    factor = factor === 2 ? 1 : 2;
  }
  return crockfordAlphabet.charAt((32 - (sum % 32)) % 32);
}

/** `text` in capitals with O, I, L read as meant, or null where a character is none of the alphabet. */
export function normalize(text: string): string | null {
  let normal = '';
  for (const character of text) {
    const digit = valueByCharacter.get(character);
    if (digit === undefined) return null;
    normal += crockfordAlphabet.charAt(digit);
  }
  return normal;
}
