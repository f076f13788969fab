import type { Random } from '../../base/random.ts';

export const randomHex = (random: Random, byteCount: number): string => Buffer.from(random(byteCount)).toString('hex');

export const randomDigits = (random: Random, count: number): string =>
  Array.from(random(count), (byte) => String(byte % 10)).join('');

/** A version 4 UUID in form, as services like to name their notifications. */
export function randomUuid(random: Random): string {
  const text = randomHex(random, 16);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}
