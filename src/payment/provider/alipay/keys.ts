import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/**
 * The app's private key: PEM (PKCS8 or PKCS1), or the bare base64 that Alipay's key tool writes. Throws an Error that says what to give.
 */
export function readAppKey(text: string): KeyObject {
  const key = text.includes('-----BEGIN') ? tryRead(() => createPrivateKey(text)) : readBareAppKey(text);
  if (key?.asymmetricKeyType === 'rsa') return key;
  throw new Error('appPrivateKey is no private RSA key: give a PEM, or the base64 that the key tool of Alipay writes');
}

function readBareAppKey(text: string): KeyObject | null {
  const [der, ...others] = splitDer(text) ?? [];
  if (der === undefined || others.length > 0) return null;
  return (
    tryRead(() => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })) ??
    tryRead(() => createPrivateKey({ key: der, format: 'der', type: 'pkcs1' }))
  );
}

/** `id` names the key in evidence: the beginning of the SHA-256 of its DER. */
export type AlipayKey = { readonly id: string; readonly key: KeyObject };

/**
 * Alipay's public keys for this app, old and new ones, each of which is accepted: PEM (key or certificate), or bare base64, one after
 * another. Throws an Error that says what to give where one cannot be read or is a private one, or there is none.
 */
export function readAlipayKeys(text: string): readonly AlipayKey[] {
  // A public key can be made of a private one, and would be that of whoever owns it.
  if (text.includes('PRIVATE KEY')) throw new Error(`publicKeys holds a private key: ${whatToGive}`);
  const keys = text.includes('-----BEGIN')
    ? [...text.matchAll(pemBlock)].map(([pem]) => tryRead(() => createPublicKey(pem)))
    : (splitDer(text) ?? [null]).map((der) =>
        der === null ? null : tryRead(() => createPublicKey({ key: der, format: 'der', type: 'spki' })),
      );
  if (keys.length === 0) throw unreadable();
  return keys.map((key) => {
    if (key?.asymmetricKeyType !== 'rsa') throw unreadable();
    return { id: nameKey(key), key };
  });
}

const whatToGive = 'give the 支付宝公钥 of the app (not the app’s own), PEM or base64';

const unreadable = (): Error => new Error(`publicKeys holds something that is no public RSA key: ${whatToGive}`);

/** The open platform shows both beside each other. Throws an Error where one of the keys is the app's own public half, with which nobody but us signs. */
export function refuseOwnKey(alipayKeys: readonly AlipayKey[], appKey: KeyObject): void {
  const own = createPublicKey(appKey);
  if (alipayKeys.some(({ key }) => key.equals(own)))
    throw new Error(`publicKeys holds the app's own public key (应用公钥): ${whatToGive}`);
}

const nameKey = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);

/** The DER structures in base64, however broken into lines: each begins with its own length. Null where the last one is cut off or is none. */
function splitDer(text: string): readonly Buffer[] | null {
  const found: Buffer[] = [];
  let pending = '';
  for (const piece of text.split(/[\s,;]+/)) {
    if (!/^[A-Za-z0-9+/=]*$/.test(piece)) return null;
    pending += piece;
    const bytes = Buffer.from(pending, 'base64');
    if (bytes.length < 4 || bytes.length < derBytes(bytes)) continue;
    if (bytes.length > derBytes(bytes)) return null;
    found.push(bytes);
    pending = '';
  }
  return pending === '' && found.length > 0 ? found : null;
}

/** A SEQUENCE whose length takes two bytes, as every RSA key of a useful size. */
const derBytes = (bytes: Buffer): number =>
  bytes[0] === 0x30 && bytes[1] === 0x82 ? 4 + bytes.readUInt16BE(2) : Number.POSITIVE_INFINITY;

function tryRead(read: () => KeyObject): KeyObject | null {
  try {
    return read();
  } catch {
    return null;
  }
}
