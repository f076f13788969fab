import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { decodeBytes, encodeBytes } from '../base/crockford.ts';
import { byteString, cborHead, textString } from './permit-claims.ts';

/** A signing key of the chain. Gates and terminals hold only its public half. */
export type PermitKey = { readonly keyId: number; readonly privateKey: KeyObject; readonly publicKeyRaw: Uint8Array };
export type PermitPublicKey = { readonly keyId: number; readonly publicKeyRaw: Uint8Array };

// Names the form of the token; a phone's rotating code is FP2.
const prefix = 'FP1:';
export const tokenLengthMax = 600;

// COSE_Sign1 is tag 18 around [protected, unprotected, payload, signature] (RFC 9052 section 4.2).
const taggedArrayOfFour = [0xd2, 0x84];
const emptyMap = [0xa0];
const signatureBytes = 64;

/** Ed25519 by its own algorithm number (RFC 9864), not the deprecated EdDSA (-8). */
const ed25519Algorithm = -19;

/** What the protected header says: {1: alg, 4: kid} (RFC 9052 section 3.1). */
type TokenHeader = { readonly algorithm: number; readonly keyName: Uint8Array };

function encodeHeader({ algorithm, keyName }: TokenHeader): Uint8Array {
  const alg = algorithm < 0 ? cborHead(1, -1 - algorithm) : cborHead(0, algorithm);
  return Uint8Array.from([0xa2, 0x01, ...alg, 0x04, ...byteString(keyName)]);
}

const keyNameOf = (keyId: number): Uint8Array => Uint8Array.of(keyId);

/** Sig_structure of RFC 9052 section 4.4, with no external data. */
const toBeSigned = (protectedBytes: Uint8Array, payload: Uint8Array): Uint8Array =>
  Uint8Array.from([
    ...cborHead(4, 4),
    ...textString('Signature1'),
    ...byteString(protectedBytes),
    ...byteString(new Uint8Array(0)),
    ...byteString(payload),
  ]);

/** `FP1:` + Crockford base32 of the COSE_Sign1 (devices.md 4.3). */
export function signToken(payload: Uint8Array, key: PermitKey): string {
  const header = encodeHeader({ algorithm: ed25519Algorithm, keyName: keyNameOf(key.keyId) });
  const signature = sign(null, toBeSigned(header, payload), key.privateKey);
  return (
    prefix +
    encodeBytes(
      Uint8Array.from([
        ...taggedArrayOfFour,
        ...byteString(header),
        ...emptyMap,
        ...byteString(payload),
        ...byteString(signature),
      ]),
    )
  );
}

export type TokenRefusal = 'malformed' | 'unknown_version' | 'unknown_key' | 'wrong_algorithm' | 'bad_signature';

/**
 * The payload of a token whose signature holds, or why not. The algorithm is pinned by the key, the header is only compared with it, so the
 * key is looked for first; a header that holds anything but one algorithm and one key name is `wrong_algorithm` too. A byte before, between
 * or after is refused.
 */
export function openToken(
  token: string,
  keys: readonly PermitPublicKey[],
): { readonly payload: Uint8Array; readonly keyId: number } | { readonly refused: TokenRefusal } {
  if (token.length > tokenLengthMax) return { refused: 'malformed' };
  if (!token.startsWith(prefix)) return { refused: /^FP\d+:/.test(token) ? 'unknown_version' : 'malformed' };
  const bytes = decodeBytes(token.slice(prefix.length));
  if (bytes === null) return { refused: 'malformed' };
  const parts = splitSign1(bytes);
  if (parts === null) return { refused: 'malformed' };
  const header = readHeader(parts.header);
  if (header === null) return { refused: 'wrong_algorithm' };
  const key = keys.find((one) => Buffer.compare(keyNameOf(one.keyId), header.keyName) === 0);
  if (key === undefined) return { refused: 'unknown_key' };
  if (header.algorithm !== ed25519Algorithm) return { refused: 'wrong_algorithm' };
  const holds = verify(null, toBeSigned(parts.header, parts.payload), publicKeyOf(key), parts.signature);
  return holds ? { payload: parts.payload, keyId: key.keyId } : { refused: 'bad_signature' };
}

type Sign1 = { readonly header: Uint8Array; readonly payload: Uint8Array; readonly signature: Uint8Array };

function splitSign1(bytes: Uint8Array): Sign1 | null {
  let at = 0;
  const take = (expected: readonly number[]): boolean => {
    const same = expected.every((byte, index) => bytes[at + index] === byte);
    at += expected.length;
    return same;
  };
  const takeBytes = (): Uint8Array | null => {
    const head = bytes[at] ?? 0;
    const short = head >= 0x40 && head < 0x58;
    if (!short && head !== 0x58) return null;
    const length = short ? head - 0x40 : (bytes[at + 1] ?? 0);
    if (!short && length < 24) return null;
    const from = at + (short ? 1 : 2);
    at = from + length;
    return at > bytes.length ? null : bytes.subarray(from, at);
  };
  if (!take(taggedArrayOfFour)) return null;
  const header = takeBytes();
  if (header === null || !take(emptyMap)) return null;
  const payload = takeBytes();
  const signature = takeBytes();
  if (payload === null || signature === null || signature.length !== signatureBytes || at !== bytes.length) return null;
  return { header, payload, signature };
}

/** Algorithm and key name of a protected header, or null where it is not, byte for byte, what `encodeHeader` writes of them. */
function readHeader(bytes: Uint8Array): TokenHeader | null {
  const algHead = bytes[2] ?? 0;
  const short = algHead & 0x1f;
  // The argument of a CBOR integer follows its head in 1, 2 or 4 bytes, or stands in it (RFC 8949 section 3).
  const argumentBytes = short < 24 ? 0 : 1 << (short - 24);
  const algEnd = 3 + argumentBytes;
  if (argumentBytes > 4 || bytes.length <= algEnd + 1) return null;
  const argument = argumentBytes === 0 ? short : Buffer.from(bytes).readUIntBE(3, argumentBytes);
  const algorithm = algHead < 0x20 ? argument : -1 - argument;
  const keyName = bytes.subarray(algEnd + (bytes[algEnd + 1] === 0x58 ? 3 : 2));
  const header = { algorithm, keyName };
  return Buffer.compare(bytes, encodeHeader(header)) === 0 ? header : null;
}

// The fixed bytes in front of a raw Ed25519 public key in SubjectPublicKeyInfo (RFC 8410 section 10.1).
const spkiPrefix = Uint8Array.from([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]);

const parsedKeys = new WeakMap<Uint8Array, KeyObject>();

function publicKeyOf(key: PermitPublicKey): KeyObject {
  const known = parsedKeys.get(key.publicKeyRaw);
  if (known !== undefined) return known;
  const parsed = createPublicKey({ key: Buffer.concat([spkiPrefix, key.publicKeyRaw]), format: 'der', type: 'spki' });
  parsedKeys.set(key.publicKeyRaw, parsed);
  return parsed;
}

export type StoredPermitKey = {
  readonly keyId: number;
  readonly privateKeyPkcs8: Uint8Array;
  readonly publicKeyRaw: Uint8Array;
};

/** A new Ed25519 key pair, as it is stored. */
export function makePermitKey(keyId: number): StoredPermitKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  return {
    keyId,
    privateKeyPkcs8: privateKey.export({ format: 'der', type: 'pkcs8' }),
    publicKeyRaw: publicKey.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length),
  };
}

export const openPermitKey = (stored: StoredPermitKey): PermitKey => ({
  keyId: stored.keyId,
  privateKey: createPrivateKey({ key: Buffer.from(stored.privateKeyPkcs8), format: 'der', type: 'pkcs8' }),
  publicKeyRaw: stored.publicKeyRaw,
});
