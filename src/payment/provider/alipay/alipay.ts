import { type Clock, dayMs, hourMs } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import { type Fetch, fetchAnswer } from '../fetch-answer.ts';
import {
  type AttemptName,
  type CallOptions,
  type Created,
  mainAccount,
  type PaymentFact,
  type PaymentProvider,
  ProviderError,
  type ProviderOperation,
  type RefundFact,
} from '../provider.ts';
import { readServiceUrl } from '../service-url.ts';
import { isBillDue, notMadeYet, readBill, readBillAddress } from './bill.ts';
import { billBytesMax, openBillArchive, unreadable } from './bill-archive.ts';
import { type Answer, type CallSettings, createCaller, unbelievable } from './call.ts';
import { closeResultOf } from './close.ts';
import {
  type AlipaySurface,
  checkCreate,
  linkLivesMs,
  merchantRefPattern,
  precreateBody,
  readPrecreated,
  surfaces,
  wapUrl,
} from './create.ts';
import { healthOf, skewOf } from './health.ts';
import { readAlipayKeys, readAppKey, refuseOwnKey } from './keys.ts';
import { readNotification, replies } from './notification.ts';
import { factOfRefund, factOfRefundQuery, readRefund, readRefundQuery, refundRequestBody } from './refund.ts';
import { isNoBill, isNotFound, refusedCall, service } from './refusal.ts';
import { isSandbox } from './sandbox.ts';
import { factOfTrade, readTrade, type Seller } from './trade.ts';

export type AlipayOptions = {
  /** The operator's own name for the account; `main` where there is only one. */
  readonly account?: string;
  readonly appId: string;
  /** The merchant's number at Alipay (PID): 2088 and twelve digits. */
  readonly sellerId: string;
  /** RSA 2048: PEM, or the base64 that Alipay's key tool writes. */
  readonly appPrivateKey: string;
  /** Alipay's own public keys for this app, one or several, PEM or base64. All of them are accepted. */
  readonly alipayPublicKeys: string;
  /** Those whose product the merchant has signed; left out: all. */
  readonly surfaces?: readonly AlipaySurface[];
  /** `https://openapi.alipay.com`, or the sandbox's. */
  readonly baseUrl: string;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly random: Random;
};

/** A number that no merchant uses for an order; asking for it proves line, key, app and clock, and changes nothing. */
const healthRef = 'FORECOURT_HEALTH';

/** Alipay for one app of one merchant. All keys are parsed here, once; a wrong key throws here and not at the first payment. */
export function createAlipay(options: AlipayOptions): PaymentProvider {
  const { appId, sellerId, fetch, clock, random } = options;
  if (!/^\d{10,32}$/.test(appId)) throw new Error(`appId ${appId} is none of Alipay's: it has sixteen digits`);
  if (!/^2088\d{12}$/.test(sellerId))
    throw new Error(`sellerId ${sellerId} is no merchant's number: 2088 and twelve digits`);
  const url = readServiceUrl({ name: 'url', text: options.baseUrl, example: 'https://openapi.alipay.com' });
  const { origin } = url;
  const liveMode = !isSandbox(url);
  const seller: Seller = { appId, sellerId, liveMode };
  const app = { appId, appKey: readAppKey(options.appPrivateKey) };
  const alipayKeys = readAlipayKeys(options.alipayPublicKeys);
  refuseOwnKey(alipayKeys, app.appKey);
  const settings: CallSettings = { origin, app, alipayKeys, fetch, clock, random };
  const caller = createCaller(settings);
  const post = (operation: ProviderOperation, path: string, body: object, callOptions: CallOptions): Promise<Answer> =>
    caller({ operation, method: 'POST', target: `/v3/alipay/trade/${path}`, body }, callOptions);
  const askForTrade = (attemptRef: string, callOptions: CallOptions): Promise<Answer> =>
    post('query', 'query', { out_trade_no: attemptRef }, callOptions);

  return {
    id: 'alipay',
    origin,
    account: options.account ?? mainAccount,
    merchant: { merchantId: sellerId, appId, liveMode },
    capabilities: {
      surfaces: options.surfaces ?? surfaces,
      currencies: ['CNY'],
      close: 'lazy',
      notifications: 'signed',
      signedResponses: true,
      bills: true,
      refundWindowDays: 365,
      // To the balance at once; to a bank card when the bank has booked it, within seven working days.
      refundPromiseDays: 10,
      billDayOffsetMs: 8 * hourMs,
      merchantRefPattern,
      minCloseAgeMs: 0,
      maxLifetimeMs: 15 * dayMs,
    },

    async create(input, callOptions): Promise<Created> {
      const surface = checkCreate(input);
      const nextExpiresAt = Math.min(clock() + linkLivesMs, input.expiresAt);
      if (surface === 'alipay.wap') {
        const url = await wapUrl(input, { gateway: `${origin}/gateway.do`, app, clock });
        return { providerRef: null, next: { kind: 'redirect', url }, nextExpiresAt };
      }
      const answer = await post('create', 'precreate', precreateBody(input), callOptions);
      if (!answer.ok) throw refusedCall('create', answer.refused);
      const created = readPrecreated(answer.body);
      if (created === null) throw unbelievable('create', 'it holds nothing that can be paid', answer.evidence);
      requireSame('create', input.attemptRef, created.out_trade_no);
      return { providerRef: null, next: { kind: 'qr', payload: created.qr_code }, nextExpiresAt };
    },

    async query(attempt, callOptions): Promise<PaymentFact> {
      const answer = await askForTrade(attempt.attemptRef, callOptions);
      if (!answer.ok) {
        if (!isNotFound(answer.refused)) throw refusedCall('query', answer.refused);
        return paymentNotFound(attempt, liveMode, answer);
      }
      const trade = readTrade(answer.body);
      if (trade === null) throw unbelievable('query', 'it is no trade', answer.evidence);
      requireSame('query', attempt.attemptRef, trade.out_trade_no);
      return factOfTrade(trade, { ...seller, appId: attempt.appId ?? appId }, answer.evidence);
    },

    async close(attempt, callOptions) {
      const answer = await post('close', 'close', { out_trade_no: attempt.attemptRef }, callOptions);
      return closeResultOf(answer, attempt, clock());
    },

    async refund(input, callOptions): Promise<RefundFact> {
      const answer = await post('refund', 'refund', refundRequestBody(input), callOptions);
      if (!answer.ok) throw refusedCall('refund', answer.refused);
      const refund = readRefund(answer.body);
      if (refund === null) throw unbelievable('refund', 'it is no refund', answer.evidence);
      requireSame('refund', input.attemptRef, refund.out_trade_no);
      return factOfRefund(input, refund, { seller, evidence: answer.evidence });
    },

    async queryRefund(refund, callOptions): Promise<RefundFact> {
      const { refundRef, attemptRef } = refund;
      const body = { out_trade_no: attemptRef, out_request_no: refundRef };
      const answer = await post('queryRefund', 'fastpay/refund/query', body, callOptions);
      if (!answer.ok) {
        if (!isNotFound(answer.refused)) throw refusedCall('queryRefund', answer.refused);
        return factOfRefundQuery(refund, {}, { seller, evidence: answer.evidence });
      }
      const told = readRefundQuery(answer.body);
      if (told === null) throw unbelievable('queryRefund', 'it is no refund', answer.evidence);
      requireSame('queryRefund', refundRef, told.out_request_no ?? refundRef);
      requireSame('queryRefund', attemptRef, told.out_trade_no ?? attemptRef);
      return factOfRefundQuery(refund, told, { seller, evidence: answer.evidence });
    },

    parseNotification: (notification) => readNotification({ alipayKeys, liveMode }, notification),

    reply: (outcome) => replies[outcome],

    /** The trade bill of one day (`2026-11-02`, Beijing), ready by ten the next morning. */
    async *bill(date, callOptions) {
      const query = new URLSearchParams({ bill_type: 'trade', bill_date: date });
      const target = `/v3/alipay/data/dataservice/bill/downloadurl/query?${query.toString()}`;
      const answer = await caller({ operation: 'bill', method: 'GET', target }, callOptions);
      if (!answer.ok) {
        if (!isNoBill(answer.refused)) throw refusedCall('bill', answer.refused);
        // A day without a trade has no bill, and neither has one whose bill is still being made.
        if (isBillDue(date, clock())) return;
        throw notMadeYet(date);
      }
      const url = readBillAddress(answer.body);
      if (url === null) throw unbelievable('bill', 'it names no file', answer.evidence);
      yield* readBill(openBillArchive(await download(settings, url, callOptions)), { sellerId, date });
    },

    async health(callOptions) {
      try {
        return healthOf(await askForTrade(healthRef, callOptions));
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        return { ok: false, kind: error.kind, detail: `${error.kind}: ${error.message}`, ...skewOf(error.detail) };
      }
    },
  };
}

function paymentNotFound(
  attempt: AttemptName,
  liveMode: boolean,
  { refused, signature, evidence }: Answer & { ok: false },
): PaymentFact {
  return {
    source: 'query',
    attemptRef: attempt.attemptRef,
    state: 'not_found',
    liveMode,
    authenticated: signature === 'verified',
    evidence: { ...evidence, providerCode: refused.code ?? '' },
  };
}

function requireSame(operation: ProviderOperation, asked: string, answered: string): void {
  if (asked !== answered)
    throw new ProviderError('integrity', operation, `Alipay was asked about ${asked} and answered about ${answered}`);
}

/** The address lives thirty seconds and needs nothing of ours. */
async function download({ fetch }: CallSettings, url: string, options: CallOptions): Promise<Buffer> {
  const call = {
    service,
    operation: 'bill',
    url,
    method: 'GET',
    headers: {},
    body: '',
    bytesMax: billBytesMax,
  } as const;
  const { status, body } = await fetchAnswer(fetch, call, options);
  if (status !== 200) throw unreadable(`its address answered ${status}`);
  return body;
}
