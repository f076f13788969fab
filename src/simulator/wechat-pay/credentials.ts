import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Random } from '../../base/random.ts';
import { randomDigits, randomHex } from '../service/random-text.ts';
import type { Store } from '../service/store.sql.ts';

const makeKeyPair = promisify(generateKeyPair);
const rsaBits = 2048;

const keyRecord = z.object({ serial: z.string(), privatePem: z.string(), publicPem: z.string() });
type KeyRecord = z.infer<typeof keyRecord>;

const credentialsRecord = z.object({
  merchantId: z.string(),
  appId: z.string(),
  /** Of the official account, for the sign-in. */
  appSecret: z.string(),
  apiV3Key: z.string().length(32),
  merchant: keyRecord,
  /** Newest last of its kind. Old ones stay valid, as they do while the service changes keys. */
  platform: z.array(keyRecord),
});

/** Folders of earlier versions have no app secret. */
const keptCredentials = credentialsRecord.extend({ appSecret: z.string().optional() });

export type CredentialsRecord = z.infer<typeof credentialsRecord>;

/** What a merchant has to know in order to talk to this simulator; it fits the client's options as it stands. */
export type MerchantCredentials = {
  readonly merchantId: string;
  readonly appId: string;
  readonly appSecret: string;
  readonly merchantSerial: string;
  readonly merchantPrivateKey: string;
  readonly apiV3Key: string;
  readonly platformKeys: Readonly<Record<string, string>>;
  readonly preferredSerial: string;
};

export type PlatformKey = { readonly serial: string; readonly key: KeyObject };

const isPublicKeyMode = (serial: string): boolean => serial.startsWith('PUB_KEY_ID_');

async function makeKey(serial: string): Promise<KeyRecord> {
  const { privateKey, publicKey } = await makeKeyPair('rsa', {
    modulusLength: rsaBits,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { serial, privatePem: privateKey, publicPem: publicKey };
}

const makeAppSecret = (random: Random): string => randomHex(random, 16);

const makePlatformKeys = (merchantId: string, random: Random): Promise<KeyRecord[]> =>
  Promise.all([
    makeKey(randomHex(random, 20).toUpperCase()),
    makeKey(`PUB_KEY_ID_0${merchantId}${randomDigits(random, 20)}`),
  ]);

/** A new merchant and a new platform: three RSA keys, which take a moment. */
export async function makeCredentials(random: Random): Promise<CredentialsRecord> {
  const merchantId = `19${randomDigits(random, 8)}`;
  return {
    merchantId,
    appId: `wx${randomHex(random, 8)}`,
    appSecret: makeAppSecret(random),
    apiV3Key: randomHex(random, 16).toUpperCase(),
    merchant: await makeKey(randomHex(random, 20).toUpperCase()),
    platform: await makePlatformKeys(merchantId, random),
  };
}

/** The credentials kept in `store`, else the given ones, else new ones; kept from then on. */
export async function loadCredentials(store: Store, random: Random, given?: CredentialsRecord): Promise<Credentials> {
  const [kept] = store.findAll('credentials');
  const record = kept === undefined ? (given ?? (await makeCredentials(random))) : completeRecord(kept, random);
  store.put('credentials', 'merchant', record);
  return createCredentials(record, store, random);
}

function completeRecord(kept: unknown, random: Random): CredentialsRecord {
  const record = keptCredentials.parse(kept);
  return { ...record, appSecret: record.appSecret ?? makeAppSecret(random) };
}

export type Credentials = {
  readonly merchantId: string;
  readonly appId: string;
  readonly appSecret: string;
  readonly merchantSerial: string;
  readonly merchantPublicKey: KeyObject;
  readonly apiV3Key: string;
  /** What a merchant is told, with every key that is live now. */
  forMerchant(): MerchantCredentials;
  /** The key that a caller asked for by `Wechatpay-Serial`; without a wish the newest certificate. Null for a serial that is none of ours. */
  answerKey(wish: string | undefined): PlatformKey | null;
  /** Notifications are signed with the newest public-key-mode key. */
  notificationKey(): PlatformKey;
  /** Adds a new certificate and a new public key; the old ones stay live, and everything not asked for by serial uses the new ones. */
  rotate(): Promise<MerchantCredentials>;
};

function createCredentials(initial: CredentialsRecord, store: Store, random: Random): Credentials {
  let record = initial;
  const privateKeys = new Map<string, KeyObject>();
  const readKeys = (): void => {
    for (const one of record.platform) {
      if (!privateKeys.has(one.serial)) privateKeys.set(one.serial, createPrivateKey(one.privatePem));
    }
  };
  readKeys();
  const find = (serial: string | undefined): PlatformKey | null => {
    const key = serial === undefined ? undefined : privateKeys.get(serial);
    return serial === undefined || key === undefined ? null : { serial, key };
  };
  const newest = (publicKeyMode: boolean): PlatformKey => {
    const key = find(record.platform.findLast((one) => isPublicKeyMode(one.serial) === publicKeyMode)?.serial);
    if (key === null) throw new Error('the platform has no key');
    return key;
  };
  const forMerchant = (): MerchantCredentials => ({
    merchantId: record.merchantId,
    appId: record.appId,
    appSecret: record.appSecret,
    merchantSerial: record.merchant.serial,
    merchantPrivateKey: record.merchant.privatePem,
    apiV3Key: record.apiV3Key,
    platformKeys: Object.fromEntries(record.platform.map((one) => [one.serial, one.publicPem])),
    preferredSerial: newest(true).serial,
  });
  return {
    merchantId: record.merchantId,
    appId: record.appId,
    appSecret: record.appSecret,
    merchantSerial: record.merchant.serial,
    merchantPublicKey: createPublicKey(record.merchant.publicPem),
    apiV3Key: record.apiV3Key,
    forMerchant,
    answerKey: (wish) => (wish === undefined ? newest(false) : find(wish)),
    notificationKey: () => newest(true),
    async rotate() {
      record = { ...record, platform: [...record.platform, ...(await makePlatformKeys(record.merchantId, random))] };
      store.put('credentials', 'merchant', record);
      readKeys();
      return forMerchant();
    },
  };
}
