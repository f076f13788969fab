import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { minuteMs } from '../../../base/clock.ts';

/** An answer or notification whose clock is this far from ours, or farther, is refused. */
export const skewMsMax = 5 * minuteMs;

/** The service signs a probe with this in front, to see whether a merchant checks at all; a merchant who accepts it fails certification. */
export const probePrefix = 'WECHATPAY/SIGNTEST/';

/**
 * The service's public keys by serial: hexadecimal for a platform certificate, `PUB_KEY_ID_…` for a WeChat Pay public key. A set, because
 * both kinds may be in use at once and each is replaced from time to time.
 */
export type PlatformKeys = ReadonlyMap<string, PlatformKey>;

/** `validUntil` in milliseconds since 1970: a certificate ends, a bare public key does not. */
export type PlatformKey = { readonly key: KeyObject; readonly validUntil: number | null };

/** Throws an Error that names the serial, and what to give, where a text is no public RSA key or certificate, or a certificate has another serial. */
export const readPlatformKeys = (pemBySerial: Readonly<Record<string, string>>): PlatformKeys =>
  new Map(Object.entries(pemBySerial).map(([serial, pem]) => [serial, readPlatformKey(serial, pem)]));

function readPlatformKey(serial: string, pem: string): PlatformKey {
  const wrong = (why: string, cause?: unknown): Error =>
    new Error(`the platform key for ${serial} is ${why}: ${whatToGive}`, { cause });
  // A public key can be made of a private one, and would be that of whoever owns it.
  if (pem.includes('PRIVATE KEY')) throw wrong('a private key');
  const { key, certificate } = readPem(pem, wrong);
  if (key.asymmetricKeyType !== 'rsa') throw wrong('no RSA key');
  if (certificate === null) return { key, validUntil: null };
  if (certificate.serialNumber !== serial.toUpperCase())
    throw new Error(`the platform certificate for ${serial} has the serial ${certificate.serialNumber}`);
  return { key, validUntil: certificate.validToDate.getTime() };
}

const whatToGive =
  "give WeChat Pay's own public key (pub_key.pem) or platform certificate, as the merchant platform has it for download";

type ReadPem = { readonly key: KeyObject; readonly certificate: X509Certificate | null };

function readPem(pem: string, wrong: (why: string, cause: unknown) => Error): ReadPem {
  try {
    if (!pem.includes('BEGIN CERTIFICATE')) return { key: createPublicKey(pem), certificate: null };
    const certificate = new X509Certificate(pem);
    return { key: certificate.publicKey, certificate };
  } catch (error) {
    throw wrong('no public key in PEM', error);
  }
}

/** Looks a header up by its name in lower case. */
export type HeaderReader = (name: string) => string | null | undefined;

export type SignatureVerdict = 'verified' | 'unsigned' | 'probe' | 'unknown_key' | 'stale' | 'bad_signature';

/**
 * Judges the signature of an answer or notification over `Wechatpay-Timestamp\nWechatpay-Nonce\nbody\n` (WeChat Pay API v3, answer
 * signature). The names are checked in this order: unsigned, probe, unknown_key, stale, bad_signature.
 */
export function judgeSignature(
  keys: PlatformKeys,
  header: HeaderReader,
  body: Uint8Array,
  nowMs: number,
): SignatureVerdict {
  const signature = header('wechatpay-signature') ?? '';
  const serial = header('wechatpay-serial') ?? '';
  const timestampSeconds = header('wechatpay-timestamp') ?? '';
  const nonce = header('wechatpay-nonce') ?? '';
  if (signature === '' || serial === '' || nonce === '' || !/^\d{1,12}$/.test(timestampSeconds)) return 'unsigned';
  if (signature.startsWith(probePrefix)) return 'probe';
  const platformKey = keys.get(serial);
  // Who holds the key of a certificate that has ended is not known any more.
  if (platformKey === undefined || nowMs > (platformKey.validUntil ?? nowMs)) return 'unknown_key';
  if (Math.abs(nowMs - Number(timestampSeconds) * 1000) >= skewMsMax) return 'stale';
  const message = Buffer.concat([Buffer.from(`${timestampSeconds}\n${nonce}\n`), body, Buffer.from('\n')]);
  return verify('RSA-SHA256', message, platformKey.key, Buffer.from(signature, 'base64'))
    ? 'verified'
    : 'bad_signature';
}
