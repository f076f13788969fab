import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Random } from '../../base/random.ts';
import { randomDigits } from '../service/random-text.ts';
import type { Store } from '../service/store.sql.ts';

const makeKeyPair = promisify(generateKeyPair);
const rsaBits = 2048;

/** Both halves in base64 of their DER, as Alipay's own tool and console show them. */
const keyRecord = z.object({ privateKey: z.string(), publicKey: z.string() });
type KeyRecord = z.infer<typeof keyRecord>;

const credentialsRecord = z.object({
  appId: z.string(),
  sellerId: z.string(),
  app: keyRecord,
  /** Newest last: that one signs. */
  alipay: z.array(keyRecord).min(1),
});

export type CredentialsRecord = z.infer<typeof credentialsRecord>;

/** What a merchant has to know in order to talk to this simulator; it fits the client's options as it stands. */
export type MerchantCredentials = {
  readonly appId: string;
  readonly sellerId: string;
  readonly appPrivateKey: string;
  /** One a line. */
  readonly alipayPublicKeys: string;
};

async function makeKey(): Promise<KeyRecord> {
  const { privateKey, publicKey } = await makeKeyPair('rsa', {
    modulusLength: rsaBits,
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  });
  return { privateKey: privateKey.toString('base64'), publicKey: publicKey.toString('base64') };
}

/** A new app of a new merchant, and a new Alipay: two RSA keys, which take a moment. */
export async function makeCredentials(random: Random): Promise<CredentialsRecord> {
  return {
    appId: `2021${randomDigits(random, 12)}`,
    sellerId: `2088${randomDigits(random, 12)}`,
    app: await makeKey(),
    alipay: [await makeKey()],
  };
}

/** The credentials kept in `store`, else the given ones, else new ones; kept from then on. */
export async function loadCredentials(store: Store, random: Random, given?: CredentialsRecord): Promise<Credentials> {
  const [kept] = store.findAll('credentials');
  const record = kept === undefined ? (given ?? (await makeCredentials(random))) : credentialsRecord.parse(kept);
  store.put('credentials', 'merchant', record);
  return createCredentials(record, store);
}

export type Credentials = {
  readonly appId: string;
  readonly sellerId: string;
  readonly appPublicKey: KeyObject;
  /** What a merchant is told, with every key of Alipay's that was ever live. */
  forMerchant(): MerchantCredentials;
  /** With what Alipay signs now. */
  signingKey(): KeyObject;
  /** Alipay signs with a new key from now on; it names none, so a merchant must hold both while it is changed. */
  rotate(): Promise<MerchantCredentials>;
};

function createCredentials(initial: CredentialsRecord, store: Store): Credentials {
  let record = initial;
  const readSigningKey = (): KeyObject =>
    createPrivateKey({
      key: Buffer.from(record.alipay.at(-1)?.privateKey ?? '', 'base64'),
      format: 'der',
      type: 'pkcs8',
    });
  let signingKey = readSigningKey();
  const forMerchant = (): MerchantCredentials => ({
    appId: record.appId,
    sellerId: record.sellerId,
    appPrivateKey: record.app.privateKey,
    alipayPublicKeys: record.alipay.map(({ publicKey }) => publicKey).join('\n'),
  });
  return {
    appId: record.appId,
    sellerId: record.sellerId,
    appPublicKey: createPublicKey({
      key: Buffer.from(record.app.publicKey, 'base64'),
      format: 'der',
      type: 'spki',
    }),
    forMerchant,
    signingKey: () => signingKey,
    async rotate() {
      record = { ...record, alipay: [...record.alipay, await makeKey()] };
      store.put('credentials', 'merchant', record);
      signingKey = readSigningKey();
      return forMerchant();
    },
  };
}
