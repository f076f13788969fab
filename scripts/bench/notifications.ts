import { createPrivateKey, randomUUID } from 'node:crypto';
import { systemClock } from '../../src/base/clock.ts';
import { makeAttemptRef } from '../../src/base/ids.ts';
import { isRefusal } from '../../src/base/problem.ts';
import { systemRandom } from '../../src/base/random.ts';
import { openDatabase } from '../../src/database/database.ts';
import { type Books, findBooks } from '../../src/journey/books.ts';
import { type Journey, openJourney } from '../../src/journey/journey.ts';
import { decideSettlement } from '../../src/journey/settlement.ts';
import { openLocalSignal } from '../../src/journey/signal.ts';
import { createAccounts } from '../../src/payment/account.ts';
import { insertAttempts } from '../../src/payment/attempt.sql.ts';
import { type Attempt, nothingKnown } from '../../src/payment/attempt.ts';
import type { PaymentProvider, RawNotification } from '../../src/payment/provider/provider.ts';
import { createWechatPay } from '../../src/payment/provider/wechat-pay/wechat-pay.ts';
import { issuePermit } from '../../src/permit/permit.ts';
import { type CredentialsRecord, makeCredentials } from '../../src/simulator/wechat-pay/credentials.ts';
import { writeNotice } from '../../src/simulator/wechat-pay/notice.ts';
import { signedHeaders } from '../../src/simulator/wechat-pay/platform-signer.ts';
import { startWechatPaySimulator } from '../../src/simulator/wechat-pay/simulator.ts';
import { prepareCloudProcess } from '../../src/testing/cloud-process.ts';
import { call } from './http-call.ts';
import { p50 } from './percentiles.ts';
import { firstStation } from './stations.ts';

const burst = 10_000;
const duplicateShare = 0.3;
const stationCount = 200;
const pureCount = 2_000;
const warmUp = 500;

export type NotificationFigures = {
  /** Of one core, a notification: signature, seal, judgement, permit; nothing sent and nothing stored. */
  readonly pureP50Ms: number;
  /** What the node's process spends on one that is stored too, its database's work not counted. */
  readonly storedCpuMs: number;
  readonly burst: {
    readonly answers: number;
    readonly slowestMs: number;
    readonly seconds: number;
    readonly refused: number;
  };
};

/** Verifying and settling notifications of WeChat Pay: one by one in this process, and a burst of them with duplicates at one cloud node. */
export async function measureNotifications(databaseUrl: string): Promise<NotificationFigures> {
  const credentials = await makeCredentials(systemRandom);
  const wechatPay = await startWechatPaySimulator({ madeCredentials: credentials });
  const provider = createWechatPay({
    ...wechatPay.credentials,
    baseUrl: wechatPay.url,
    fetch,
    clock: systemClock,
    random: systemRandom,
  });
  const db = openDatabase({ url: databaseUrl });
  const journey = await openJourney({
    db,
    accounts: createAccounts([{ provider, stations: null, confirm: 'never' }]),
    signal: openLocalSignal(),
    now: systemClock,
    random: systemRandom,
    alarm: () => undefined,
    publicUrl: () => 'http://127.0.0.1',
  });
  const sign = (attempt: Attempt): Promise<RawNotification> => signNotification(credentials, attempt);
  try {
    const pureP50Ms = await measurePure(journey, provider, sign);
    const storedCpuMs = await measureStored(journey, provider, sign);
    const attempts = await makeAttempts(journey, provider, Math.round(burst * (1 - duplicateShare)));
    const cloud = await prepareCloudProcess(databaseUrl, wechatPay, { FORECOURT_SIGNAL: 'local' });
    await cloud.start();
    const figures = await fireBurst(cloud.url, await Promise.all(attempts.map(sign)));
    await cloud.close();
    return { pureP50Ms, storedCpuMs, burst: figures };
  } finally {
    await journey.stop();
    await db.close();
    await wechatPay.close();
  }
}

/** "Paid", as WeChat Pay tells it of this attempt. */
async function signNotification(credentials: CredentialsRecord, attempt: Attempt): Promise<RawNotification> {
  const newest = credentials.platform.at(-1);
  if (newest === undefined) throw new Error('the platform has no key');
  const now = systemClock();
  const paidAt = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  const resource = {
    mchid: credentials.merchantId,
    appid: credentials.appId,
    out_trade_no: attempt.attemptRef,
    transaction_id: `42000${attempt.attemptRef}`,
    trade_state: 'SUCCESS',
    success_time: paidAt,
    payer: { openid: 'o-bench' },
    amount: { total: attempt.amountMinor, currency: attempt.currency },
  };
  const subject = {
    about: attempt.attemptRef,
    url: '',
    eventType: 'TRANSACTION.SUCCESS',
    originalType: 'transaction',
    summary: '支付成功',
    resource,
  };
  const { body } = writeNotice(subject, credentials.apiV3Key, now, systemRandom);
  const key = { serial: newest.serial, key: createPrivateKey(newest.privatePem) };
  const headers = await signedHeaders(body, key, now, systemRandom);
  return { rawBody: Buffer.from(body), headers, receivedAt: now };
}

async function measurePure(
  journey: Journey,
  provider: PaymentProvider,
  sign: (attempt: Attempt) => Promise<RawNotification>,
): Promise<number> {
  const attempts = await makeAttempts(journey, provider, pureCount + warmUp);
  const books = await findBooks(journey.db, attempts);
  const notifications = await Promise.all(attempts.map(sign));
  const [key] = journey.permitKeys;
  const tookMs: number[] = [];
  for (const [index, notification] of notifications.entries()) {
    const began = performance.now();
    const result = provider.parseNotification(notification);
    if (result.kind !== 'payment' || key === undefined) throw new Error(`a good notification is ${result.kind}`);
    const before: Books | undefined = books.get(attempts[index]?.orderId ?? '');
    if (before === undefined) throw new Error('an order is gone');
    const now = journey.now();
    const { judgement } = decideSettlement(before, result.fact, {
      provider,
      now,
      refundPromiseDays: provider.capabilities.refundPromiseDays,
      issue: (paid, attempt) =>
        issuePermit(
          { ...paid.order, attemptRef: attempt.attemptRef, plate: paid.order.userPlate },
          key,
          now,
          systemRandom,
        ),
    });
    if (index >= warmUp) tookMs.push(performance.now() - began);
    if (judgement !== 'paid') throw new Error(`a good payment is judged ${judgement}`);
  }
  return p50(tookMs);
}

async function measureStored(
  journey: Journey,
  provider: PaymentProvider,
  sign: (attempt: Attempt) => Promise<RawNotification>,
): Promise<number> {
  const attempts = await makeAttempts(journey, provider, pureCount + warmUp);
  const notifications = await Promise.all(attempts.map(sign));
  const settle = async (some: readonly RawNotification[]): Promise<void> => {
    const replies = await Promise.all(some.map((one) => journey.settlePayment.receive(provider, one)));
    if (replies.some(({ status }) => status !== 204)) throw new Error('a good notification was refused');
  };
  await settle(notifications.slice(0, warmUp));
  const before = process.cpuUsage();
  await settle(notifications.slice(warmUp));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / pureCount;
}

/** All of them at once, each measured from the moment at which the burst began. */
async function fireBurst(
  cloudUrl: string,
  notifications: readonly RawNotification[],
): Promise<NotificationFigures['burst']> {
  const url = new URL('/v1/notifications/wechat-pay', cloudUrl);
  const repeated = Array.from({ length: burst - notifications.length }, (_, index) => {
    const one = notifications[(index * 7) % notifications.length];
    if (one === undefined) throw new Error('there is nothing to repeat');
    return one;
  });
  const order = [...notifications, ...repeated]
    .map((notification) => ({ notification, at: systemRandom(4).reduce((sum, byte) => sum * 256 + byte, 0) }))
    .sort((a, b) => a.at - b.at);
  const began = performance.now();
  const answers = await Promise.all(
    order.map(async ({ notification }) => {
      const { status } = await call('POST', url, notification.headers, notification.rawBody);
      return { status, tookMs: performance.now() - began };
    }),
  );
  return {
    answers: answers.length,
    slowestMs: Math.max(...answers.map(({ tookMs }) => tookMs)),
    seconds: (performance.now() - began) / 1000,
    refused: answers.filter(({ status }) => status !== 204).length,
  };
}

/** Placed orders whose payment is open, as they are when a driver is in the cashier. */
async function makeAttempts(journey: Journey, provider: PaymentProvider, count: number): Promise<readonly Attempt[]> {
  const orders = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const books = await journey.placeOrder({
        message: {
          stationNumber: firstStation + (index % stationCount),
          grade: '95',
          pump: 3,
          money: '200.00',
          priceSeen: { pump: '7.88', member: '7.66' },
          locale: 'zh-CN',
        },
        idempotencyKey: randomUUID(),
      });
      if (isRefusal(books)) throw new Error(`an order was refused: ${JSON.stringify(books)}`);
      return books.order;
    }),
  );
  const now = journey.now();
  const attempts = orders.map(
    (order): Attempt => ({
      ...nothingKnown,
      stationNumber: order.stationNumber,
      orderId: order.orderId,
      attemptRef: makeAttemptRef(order.orderId, 1),
      idempotencyKey: randomUUID(),
      provider: provider.id,
      surface: 'wechat.native',
      merchantId: provider.merchant.merchantId,
      appId: provider.merchant.appId,
      state: 'pending',
      amountMinor: order.payableMinor,
      currency: order.currency,
      payer: { ip: '127.0.0.1', userAgent: 'bench' },
      createdAt: now,
      expiresAt: order.expiresAt,
      pollAt: order.expiresAt,
    }),
  );
  await journey.db.transaction((tx) => insertAttempts(tx, attempts));
  return attempts;
}
