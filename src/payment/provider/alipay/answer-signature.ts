import { verify } from 'node:crypto';
import { minuteMs } from '../../../base/clock.ts';
import type { AlipayKey } from './keys.ts';

/** An answer or notification whose clock is this far from ours, or farther, is not of this moment. */
export const skewMsMax = 5 * minuteMs;

/** Looks a header up by its name in lower case. */
export type HeaderReader = (name: string) => string | null;

export type SignatureVerdict =
  | { readonly kind: 'verified'; readonly keyId: string }
  | { readonly kind: 'unsigned' | 'stale' | 'bad_signature' };

/** By which of the keys this was signed (RSA2), or null. Alipay names no key, so each live one is tried. */
export function signerOf(keys: readonly AlipayKey[], text: string | Uint8Array, signature: string): string | null {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const proof = Buffer.from(signature, 'base64');
  return keys.find(({ key }) => verify('RSA-SHA256', bytes, key, proof))?.id ?? null;
}

/** When an answer says that it was made, in milliseconds since 1970; null where it does not. */
export function sentAtOf(header: HeaderReader): number | null {
  const timestamp = header('alipay-timestamp') ?? '';
  return /^\d{13}$/.test(timestamp) ? Number(timestamp) : null;
}

/**
 * Judges the signature of an answer over `alipay-timestamp\nalipay-nonce\nbody\n` (Alipay API v3, answer signature). The names are checked
 * in this order: unsigned, stale, bad_signature.
 */
export function judgeSignature(
  keys: readonly AlipayKey[],
  header: HeaderReader,
  body: Uint8Array,
  nowMs: number,
): SignatureVerdict {
  const signature = header('alipay-signature') ?? '';
  const nonce = header('alipay-nonce') ?? '';
  const sentAt = sentAtOf(header);
  if (signature === '' || nonce === '' || sentAt === null) return { kind: 'unsigned' };
  if (Math.abs(nowMs - sentAt) >= skewMsMax) return { kind: 'stale' };
  const message = Buffer.concat([Buffer.from(`${sentAt}\n${nonce}\n`), body, Buffer.from('\n')]);
  const keyId = signerOf(keys, message, signature);
  return keyId === null ? { kind: 'bad_signature' } : { kind: 'verified', keyId };
}
