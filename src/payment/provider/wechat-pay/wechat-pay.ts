import { createPrivateKey, type KeyObject } from 'node:crypto';
import { type Clock, dayMs, hourMs } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import {
  type AttemptName,
  type CallOptions,
  type Created,
  type Evidence,
  mainAccount,
  type PaymentFact,
  type PaymentProvider,
  ProviderError,
  type ProviderOperation,
  type RefundFact,
} from '../provider.ts';
import { type BillAddress, billBytesMax, readBill, readBillAddress, sha1Of } from './bill.ts';
import { type Caller, type CallSettings, createCaller, downloadFile, type Fetch, unbelievable } from './call.ts';
import { closeResultOf } from './close.ts';
import {
  checkCreate,
  createRequestBody,
  createTarget,
  merchantRefPattern,
  type OrderSettings,
  readCreated,
  surfaces,
  type WechatPaySurface,
} from './create.ts';
import { healthOf, skewOf } from './health.ts';
import { readNotification, replies } from './notification.ts';
import { readPlatformKeys } from './platform-signature.ts';
import { factOfRefund, readRefund, refundRequestBody } from './refund.ts';
import { isNotFound, refusedCall } from './refusal.ts';
import { readApiV3Key } from './sealed-resource.ts';
import { checkSettings } from './settings.ts';
import { createSignIn } from './sign-in.ts';
import { factOfTransaction, readTransaction } from './transaction.ts';

export type WechatPayOptions = {
  /** The operator's own name for the account; `main` where there is only one. */
  readonly account?: string;
  /** mchid: ten digits, eight of an old one. */
  readonly merchantId: string;
  readonly appId: string;
  /** Serial of the merchant's own certificate, hexadecimal. */
  readonly merchantSerial: string;
  /** RSA 2048, PEM or already parsed. */
  readonly merchantPrivateKey: string | KeyObject;
  /** Exactly 32 bytes; while it is being changed old and new, each of which is accepted. */
  readonly apiV3Key: string | readonly string[];
  /** PEM public key or certificate by serial: hexadecimal, or `PUB_KEY_ID_…`. All of them are accepted. */
  readonly platformKeys: Readonly<Record<string, string>>;
  /** With which of them the service shall sign its answers. */
  readonly preferredSerial: string;
  /** `https://api.mch.weixin.qq.com`, or its spare `https://api2.mch.weixin.qq.com`; http only on this machine. */
  readonly baseUrl: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: Random;
  /** Those whose product the merchant has signed; left out: all. */
  readonly surfaces?: readonly WechatPaySurface[];
  /** How WeChat tells who pays inside WeChat; without it JSAPI needs an openid from elsewhere. */
  readonly signIn?: { readonly appSecret: string; readonly pageUrl: string; readonly apiUrl: string };
};

/** A number that no merchant uses for an order; asking for it proves line, key, serial and clock, and changes nothing. */
const healthRef = 'FORECOURT_HEALTH';

/** WeChat Pay API v3 for one merchant. All keys are parsed here, once; a wrong key throws here and not at the first payment. */
export function createWechatPay(options: WechatPayOptions): PaymentProvider {
  const { merchantId, appId, merchantSerial, preferredSerial, fetch, clock, random } = options;
  const { origin } = checkSettings(options);
  const merchantKey = readPrivateKey(options.merchantPrivateKey);
  const platformKeys = readPlatformKeys(options.platformKeys);
  if (!platformKeys.has(preferredSerial)) throw new Error(`no key for the preferred serial ${preferredSerial}`);
  const apiV3Keys = [options.apiV3Key].flat().map(readApiV3Key);
  if (apiV3Keys.length === 0) throw new Error('there is no APIv3 key');
  const merchant = { merchantId, merchantSerial, merchantKey };
  const settings: CallSettings = {
    origin,
    merchant,
    platformKeys,
    preferredSerial,
    fetch,
    clock,
    random,
  };
  const offered = options.surfaces ?? surfaces;
  const signIn = options.signIn && createSignIn({ ...options.signIn, appId, fetch });
  const orderSettings: OrderSettings = { appId, merchantId, merchantKey, clock, random };
  const call = createCaller(settings);
  const transactionTarget = (attemptRef: string, tail = ''): string =>
    `/v3/pay/transactions/out-trade-no/${encodeURIComponent(attemptRef)}${tail}`;

  async function query(attempt: AttemptName, callOptions: CallOptions): Promise<PaymentFact> {
    const target = `${transactionTarget(attempt.attemptRef)}?mchid=${encodeURIComponent(merchantId)}`;
    const answer = await call({ operation: 'query', method: 'GET', target }, callOptions);
    if (!answer.ok) {
      if (!isNotFound(answer.refused)) throw refusedCall('query', answer.refused);
      return paymentNotFound(attempt, answer.signature === 'verified', answer.evidence);
    }
    const transaction = readTransaction(answer.body);
    if (transaction === null) throw unbelievable('query', 'it is no transaction', answer.evidence);
    requireSame('query', attempt.attemptRef, transaction.out_trade_no);
    return factOfTransaction(transaction, 'query', answer.evidence);
  }

  return {
    id: 'wechat-pay',
    origin,
    account: options.account ?? mainAccount,
    merchant: { merchantId, appId, liveMode: true },
    capabilities: {
      surfaces: offered,
      currencies: ['CNY'],
      close: 'reliable',
      notifications: 'signed',
      signedResponses: true,
      bills: true,
      refundWindowDays: 365,
      // To the balance within minutes, to a bank card within one to three working days.
      refundPromiseDays: 5,
      billDayOffsetMs: 8 * hourMs,
      merchantRefPattern,
      minCloseAgeMs: 0,
      maxLifetimeMs: 7 * dayMs,
    },

    ...(signIn === undefined ? {} : { signIn }),

    async create(input, callOptions): Promise<Created> {
      const surface = checkCreate(input);
      const body = createRequestBody(input, surface, orderSettings);
      const answer = await call(
        { operation: 'create', method: 'POST', target: createTarget(surface), body },
        callOptions,
      );
      if (!answer.ok) throw refusedCall('create', answer.refused);
      const created = await readCreated(answer.body, input, surface, orderSettings);
      if (created === null) throw unbelievable('create', 'it holds nothing that can be paid', answer.evidence);
      return created;
    },

    query,

    async close(attempt, callOptions) {
      const target = transactionTarget(attempt.attemptRef, '/close');
      const answer = await call(
        { operation: 'close', method: 'POST', target, body: { mchid: merchantId } },
        callOptions,
      );
      return closeResultOf(answer, clock());
    },

    async refund(input, callOptions): Promise<RefundFact> {
      const body = refundRequestBody(input);
      const answer = await call(
        { operation: 'refund', method: 'POST', target: '/v3/refund/domestic/refunds', body },
        callOptions,
      );
      if (!answer.ok) throw refusedCall('refund', answer.refused);
      const refund = readRefund(answer.body);
      if (refund === null) throw unbelievable('refund', 'it is no refund', answer.evidence);
      requireSame('refund', input.refundRef, refund.out_refund_no);
      requireSame('refund', String(input.amount.minor), String(refund.amount.refund));
      return factOfRefund(refund, { source: 'refund', merchantId, evidence: answer.evidence });
    },

    async queryRefund({ refundRef }, callOptions): Promise<RefundFact> {
      const target = `/v3/refund/domestic/refunds/${encodeURIComponent(refundRef)}`;
      const answer = await call({ operation: 'queryRefund', method: 'GET', target }, callOptions);
      if (!answer.ok) {
        if (!isNotFound(answer.refused)) throw refusedCall('queryRefund', answer.refused);
        return {
          source: 'query',
          refundRef,
          state: 'not_found',
          merchantId,
          liveMode: true,
          evidence: answer.evidence,
        };
      }
      const refund = readRefund(answer.body);
      if (refund === null) throw unbelievable('queryRefund', 'it is no refund', answer.evidence);
      requireSame('queryRefund', refundRef, refund.out_refund_no);
      return factOfRefund(refund, { source: 'query', merchantId, evidence: answer.evidence });
    },

    parseNotification: (notification) => readNotification({ merchantId, platformKeys, apiV3Keys }, notification),

    reply: (outcome) => replies[outcome],

    /** The trade bill of one day (`2026-11-02`, Beijing), ready after ten the next morning, kept three months. */
    async *bill(date, callOptions) {
      const address = await findBill(call, date, callOptions);
      if (address === null) return;
      const file = await downloadFile(
        settings,
        { operation: 'bill', method: 'GET', target: address.target },
        callOptions,
        billBytesMax,
      );
      if (sha1Of(file) !== address.sha1)
        throw new ProviderError('unknown', 'bill', `the bill of ${date} does not have the SHA-1 ${address.sha1}`);
      yield* readBill(file, merchantId);
    },

    async health(callOptions) {
      const target = `${transactionTarget(healthRef)}?mchid=${encodeURIComponent(merchantId)}`;
      try {
        const answer = await call({ operation: 'query', method: 'GET', target }, callOptions);
        return healthOf(answer, { platformKeys, preferredSerial, now: clock() });
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        return { ok: false, kind: error.kind, detail: `${error.kind}: ${error.message}`, ...skewOf(error.detail) };
      }
    },
  };
}

function readPrivateKey(key: string | KeyObject): KeyObject {
  const parsed = typeof key === 'string' ? parsePrivateKey(key) : key;
  if (parsed.type !== 'private' || parsed.asymmetricKeyType !== 'rsa')
    throw new Error(
      `merchantKey must be a private RSA key (apiclient_key.pem), not a ${parsed.type} key of kind ${parsed.asymmetricKeyType ?? 'none'}`,
    );
  return parsed;
}

function paymentNotFound(attempt: AttemptName, authenticated: boolean, evidence: Evidence): PaymentFact {
  return {
    source: 'query',
    attemptRef: attempt.attemptRef,
    state: 'not_found',
    liveMode: true,
    authenticated,
    evidence,
  };
}

function parsePrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new Error(
      "the merchant's key is no private key in PEM: give apiclient_key.pem as WeChat Pay's tool wrote it",
      {
        cause: error,
      },
    );
  }
}

function requireSame(operation: ProviderOperation, asked: string, answered: string): void {
  if (asked !== answered)
    throw new ProviderError(
      'integrity',
      operation,
      `WeChat Pay was asked about ${asked} and answered about ${answered}`,
    );
}

/** Null where the day had no trade: then there is no file (NO_STATEMENT_EXIST). */
async function findBill(call: Caller, date: string, options: CallOptions): Promise<BillAddress | null> {
  const target = `/v3/bill/tradebill?bill_date=${encodeURIComponent(date)}&bill_type=ALL`;
  const answer = await call({ operation: 'bill', method: 'GET', target }, options);
  if (!answer.ok) {
    if (answer.refused.code === 'NO_STATEMENT_EXIST') return null;
    throw refusedCall('bill', answer.refused);
  }
  const address = readBillAddress(answer.body);
  if (address === null) throw unbelievable('bill', 'it names no file', answer.evidence);
  return address;
}
