import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeBytes } from '../base/crockford.ts';

/** Who a terminal is. The private key never leaves the terminal's folder. */
export type TerminalKey = {
  /** The first 80 bits of the public key's SHA-256 in Crockford's base32: 16 characters. */
  readonly terminalId: string;
  /** The 32 bytes of the Ed25519 public key (RFC 8032) in base64url, 43 characters: what the operator enrols. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
};

const keyFile = 'terminal-key.pem';

/** The key pair in `folder`; made at the first call, in a file that only its owner may read. */
export async function openTerminalKey(folder: string): Promise<TerminalKey> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, keyFile);
  const privateKey = createPrivateKey((await readKey(path)) ?? (await makeKey(folder, path)));
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error(`${path} holds no Ed25519 key`);
  // A copy from a backup may have come with wider rights.
  await chmod(path, 0o600);
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (x === undefined) throw new Error(`the key in ${path} has no public part`);
  return { terminalId: terminalIdOf(x), publicKey: x, privateKey };
}

/** The id of the terminal that has this public key (base64url of its 32 bytes). */
export function terminalIdOf(publicKey: string): string {
  return encodeBytes(createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest()).slice(0, 16);
}

/** The public key as an operator enrols it (base64url of 32 bytes), parsed, or null where it is none. */
export function readTerminalPublicKey(publicKey: string): KeyObject | null {
  if (!/^[A-Za-z0-9_-]{43}$/.test(publicKey)) return null;
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
}

async function readKey(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrorCode(error, 'ENOENT')) return null;
    throw error;
  }
}

async function makeKey(folder: string, path: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const unfinished = `${path}.${randomUUID()}`;
  await writeDurably(unfinished, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  try {
    // A link, not a rename: of two first starts at once the first wins and the second reads its key.
    await link(unfinished, path);
  } catch (error) {
    if (!isErrorCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(unfinished);
  }
  await syncFolder(folder);
  return readFile(path, 'utf8');
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A name survives a power cut only when its folder is on the disk too. */
async function syncFolder(folder: string): Promise<void> {
  const entries = await open(folder, 'r');
  try {
    await entries.sync();
  } finally {
    await entries.close();
  }
}

const isErrorCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
