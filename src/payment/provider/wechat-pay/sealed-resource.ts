import { createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';

const tagBytes = 16;
const keyBytes = 32;

export type SealedResource = { readonly ciphertext: string; readonly nonce: string; readonly associatedData: string };

/** The 32 ASCII bytes of an APIv3 key as an AES-256 key. */
export function readApiV3Key(text: string): KeyObject {
  const bytes = Buffer.from(text);
  if (bytes.length !== keyBytes) throw new Error(`an APIv3 key has ${keyBytes} bytes, this one ${bytes.length}`);
  return createSecretKey(bytes);
}

/**
 * The plain bytes of a notification's resource: AEAD_AES_256_GCM, the tag is the last 16 bytes of the ciphertext. Null where the tag
 * does not hold under any of the keys that are live, that is: another key, nonce or associated data, or one bit changed.
 */
export function openResource(keys: readonly KeyObject[], sealed: SealedResource): Buffer | null {
  for (const key of keys) {
    const plain = openWith(key, sealed);
    if (plain !== null) return plain;
  }
  return null;
}

/** `final()` is what checks the tag. */
function openWith(key: KeyObject, sealed: SealedResource): Buffer | null {
  const bytes = Buffer.from(sealed.ciphertext, 'base64');
  if (bytes.length < tagBytes || sealed.nonce === '') return null;
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.nonce), { authTagLength: tagBytes });
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  decipher.setAAD(Buffer.from(sealed.associatedData));
  const plain = decipher.update(bytes.subarray(0, bytes.length - tagBytes));
  try {
    return Buffer.concat([plain, decipher.final()]);
  } catch {
    return null;
  }
}
