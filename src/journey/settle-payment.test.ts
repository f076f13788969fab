import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import pg from 'pg';
import { makeOrderId } from '../base/ids.ts';
import { systemRandom } from '../base/random.ts';
import type { OrderKey } from '../order/order.ts';
import { findFacts } from '../payment/fact.sql.ts';
import { findBalances } from '../payment/ledger.sql.ts';
import type { CreateInput } from '../payment/provider/provider.ts';
import type { NotifyFaultKind } from '../simulator/wechat-pay/faults.ts';
import { writeNotice } from '../simulator/wechat-pay/notice.ts';
import { describePayment } from '../simulator/wechat-pay/pay.ts';
import { signedHeaders } from '../simulator/wechat-pay/platform-signer.ts';
import { findStationEvents } from '../station/station-feed.sql.ts';
import { bearer, get, post } from '../testing/cloud.ts';
import { makeAccessToken } from '../order/access-token.ts';
import {
  booksOf,
  countCalls,
  findBroken,
  forgetOrders,
  openTestJourney,
  orderAndStart,
  pay,
  paySilently,
  startPaying,
  type TestJourney,
  until,
} from '../testing/journey.ts';

describe('settling a payment', () => {
  let world: TestJourney;
  /** An account that asks for confirmation. */
  let strict: TestJourney;

  before(async () => {
    world = await openTestJourney();
    strict = await openTestJourney({ confirm: 'always' });
  });
  afterEach(async () => {
    for (const one of [world, strict]) {
      one.wechatPay.control.clearFaults();
      one.alarms.length = 0;
      await forgetOrders(one);
    }
  });
  after(async () => {
    await world.stop();
    await strict.stop();
  });

  const trouble = (kind: NotifyFaultKind, ms = 0): void =>
    world.wechatPay.control.addFault({ operation: 'notify', kind, times: 1, ms });

  const factsOf = (key: OrderKey, attemptRef: string) => findFacts(world.journey.db, key.stationNumber, attemptRef);

  /** One permit in the rows and in the station's log, one entry in the books. */
  async function assertPaidOnce(key: OrderKey, attemptRef: string): Promise<void> {
    const { order, permit, refunds } = await booksOf(world, key);
    assert.deepEqual([order.state, permit?.attemptRef, refunds], ['paid', attemptRef, []]);
    const events = await findStationEvents(world.journey.db, key.stationNumber, 0, 500);
    assert.equal(events.filter((event) => JSON.stringify(event.body).includes(permit?.permitId ?? '?')).length, 1);
    assert.deepEqual(
      (await findBalances(world.journey.db, key.orderId)).map((one) => [one.account, one.debitMinor - one.creditMinor]),
      [
        ['clearing:wechat-pay', order.payableMinor],
        ['customer-liability', -order.payableMinor],
      ],
    );
  }

  async function assertUnpaid(key: OrderKey): Promise<void> {
    const { order, permit } = await booksOf(world, key);
    assert.deepEqual([order.state, permit, await findBalances(world.journey.db, key.orderId)], ['placed', null, []]);
  }

  /** What WeChat Pay sent for this attempt, as it can be sent again. */
  async function keptNotification(key: OrderKey, attemptRef: string) {
    const fact = (await factsOf(key, attemptRef)).find((one) => one.source === 'notification');
    if (fact === undefined) throw new Error(`no notification of ${attemptRef} was kept`);
    const headers = Object.entries(fact.headers ?? {}).filter(([name]) => name.startsWith('wechatpay-'));
    return { body: Buffer.from(fact.rawBody ?? '', 'base64').toString(), headers: Object.fromEntries(headers) };
  }

  const inbox = (): string => `${world.url}/v1/notifications/wechat-pay`;

  test('the notification never arrives: the next poll finds the payment, and there is one permit', async () => {
    const { key, attempt } = await orderAndStart(world);
    await paySilently(world, attempt.attemptRef);
    await assertUnpaid(key);
    await world.timeline.advance(2_000);
    await world.journey.janitor.run();
    await assertPaidOnce(key, attempt.attemptRef);
  });

  test('the same notification ten times at once, at two nodes: all are accepted, one fact, one permit, one entry in the books', async () => {
    const other = await world.openNode();
    const { key, attempt } = await orderAndStart(world);
    trouble('duplicate');
    await pay(world, attempt.attemptRef);
    const { body, headers } = await keptNotification(key, attempt.attemptRef);
    const provider = other.providers.get('wechat-pay') ?? assert.fail('no provider');
    const notification = { rawBody: Buffer.from(body), headers, receivedAt: world.timeline.now() };
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async (_, index) =>
        index % 2 === 0
          ? (await post(inbox(), body, headers)).status
          : (await other.settlePayment.receive(provider, notification)).status,
      ),
    );
    assert.deepEqual(new Set(statuses), new Set([204]));
    assert.equal((await factsOf(key, attempt.attemptRef)).length, 1);
    await assertPaidOnce(key, attempt.attemptRef);
  });

  test('notification, poll and the returning browser in the same instant, at two nodes: paid once', async () => {
    const other = await world.openNode();
    for (let round = 0; round < 5; round += 1) {
      const { key, attempt } = await orderAndStart(world);
      await world.timeline.advance(2_000);
      const token = makeAccessToken(world.journey.accessTokenSecret, key.orderId);
      await Promise.all([
        pay(world, attempt.attemptRef),
        world.journey.janitor.run(),
        other.janitor.run(),
        get(`${world.url}/v1/orders/${key.orderId}`, bearer(token)),
      ]);
      await assertPaidOnce(key, attempt.attemptRef);
    }
  });

  test('a forged, altered, unsigned or stale notification is refused with 401 and keeps no fact; the truth comes by the poll', async () => {
    const forgeries: readonly (readonly [NotifyFaultKind, number])[] = [
      ['wrong_signature', 0],
      ['unknown_serial', 0],
      ['unsigned', 0],
      ['tampered', 0],
      ['clock_skew', -301_000],
      ['clock_skew', 301_000],
    ];
    for (const [kind, ms] of forgeries) {
      const { key, attempt } = await orderAndStart(world);
      trouble(kind, ms);
      await pay(world, attempt.attemptRef);
      const sent = world.wechatPay.control.traffic().findLast((line) => line.operation === 'notify');
      assert.deepEqual([sent?.status, sent?.note, await factsOf(key, attempt.attemptRef)], [401, kind, []]);
      await assertUnpaid(key);
      await world.timeline.advance(2_000);
      await world.journey.janitor.run();
      await assertPaidOnce(key, attempt.attemptRef);
    }
    assert.deepEqual(
      world.alarms,
      forgeries.map(() => 'notification_rejected'),
    );
  });

  test("WeChat Pay's probe is answered with 401 and wakes nobody", async () => {
    assert.equal(await world.wechatPay.control.probe(inbox()), 401);
    assert.deepEqual(world.alarms, []);
  });

  test('authentic money of another amount: kept, no permit, a person is told, and it goes back', async () => {
    for (const [totalFen, reason] of [
      [1, 'integrity'],
      [30_000, 'overpayment'],
    ] as const) {
      const { key, attempt } = await orderAndStart(world);
      await pay(world, attempt.attemptRef, { claims: { totalFen } });
      const { order, permit, attempts, refunds } = await booksOf(world, key);
      assert.deepEqual([order.state, permit, attempts[0]?.integrity], ['placed', null, 'wrong_amount']);
      assert.deepEqual(
        refunds.map((refund) => [refund.reason, refund.amountMinor]),
        [[reason, totalFen]],
      );
      assert.deepEqual(world.alarms, [`payment_${reason}`]);
      world.alarms.length = 0;
    }
  });

  test('authentic, but for another merchant, app or currency: kept, acknowledged, a person is told, and the order is as it was', async () => {
    for (const claims of [{ mchid: '1900000009' }, { appid: 'wx0000000000000009' }, { currency: 'USD' }]) {
      const { key, attempt } = await orderAndStart(world);
      await pay(world, attempt.attemptRef, { claims });
      assert.equal(world.wechatPay.control.traffic().findLast((line) => line.operation === 'notify')?.status, 204);
      assert.deepEqual(
        (await factsOf(key, attempt.attemptRef)).map((fact) => fact.judgement),
        ['integrity'],
      );
      await assertUnpaid(key);
      assert.deepEqual(world.alarms, ['payment_integrity']);
      world.alarms.length = 0;
    }
  });

  test("our merchant's money under a reference that no order has stands in suspense, and a person is told", async () => {
    const provider = world.journey.providers.get('wechat-pay') ?? assert.fail('no provider');
    const attemptRef = `${makeOrderId(1003, world.timeline.now(), systemRandom)}01`;
    const input: CreateInput = {
      attemptRef,
      amount: { minor: 777, currency: 'CNY' },
      subject: 'nobody',
      surface: 'wechat.native',
      expiresAt: world.timeline.now() + 600_000,
      notifyUrl: inbox(),
      returnUrl: world.url,
      payer: { ip: '203.0.113.7', userAgent: 'test' },
    };
    await provider.create(input, { signal: new AbortController().signal, timeoutMs: 5_000 });
    await pay(world, attemptRef);
    await post(inbox(), ...(await repeat(attemptRef)));
    const suspense = (await findBalances(world.journey.db)).find((one) => one.account === 'suspense');
    assert.equal(suspense?.creditMinor, 777);
    assert.equal(world.alarms[0], 'payment_attempt_unknown');
  });

  async function repeat(attemptRef: string): Promise<[string, Record<string, string>]> {
    const { body, headers } = await keptNotification({ stationNumber: 1003, orderId: '' }, attemptRef);
    return [body, headers];
  }

  test('an answer to the poll that is unsigned or wrongly signed and says paid is not believed, and a person is told', async () => {
    for (const kind of ['unsigned', 'wrong_signature', 'unknown_serial', 'clock_skew'] as const) {
      const { key, attempt } = await orderAndStart(world);
      await paySilently(world, attempt.attemptRef);
      world.wechatPay.control.addFault({ operation: 'query', kind, times: 1, ms: 600_000 });
      await world.timeline.advance(2_000);
      await world.journey.janitor.run();
      await assertUnpaid(key);
      assert.deepEqual(world.alarms, ['payment_answer_unbelievable'], kind);
      world.alarms.length = 0;
      await world.timeline.advance(2_000);
      await world.journey.janitor.run();
      await assertPaidOnce(key, attempt.attemptRef);
    }
  });

  test('a refusal that is not signed, such as "no such order", is no news and no alarm', async () => {
    world.wechatPay.control.addFault({ operation: 'create', kind: 'reset', times: 1 });
    const { key } = await orderAndStart(world);
    world.wechatPay.control.addFault({ operation: 'query', kind: 'unsigned', times: 1 });
    await world.timeline.advance(2_000);
    await world.journey.janitor.run();
    assert.deepEqual(world.alarms, []);
    assert.deepEqual(
      (await booksOf(world, key)).attempts.map((one) => [one.state, one.unknown]),
      [['created', true]],
    );
  });

  test('both attempts are paid: the first has the permit, the second is kept, acknowledged and goes back whole', async () => {
    const { key, attempt } = await orderAndStart(world);
    const second = await startPaying(world, key, { surface: 'wechat.h5' });
    await pay(world, second.attemptRef);
    await pay(world, attempt.attemptRef, { evenIfLate: true });
    const { order, permit, refunds, attempts } = await booksOf(world, key);
    assert.deepEqual([order.state, permit?.attemptRef], ['paid', second.attemptRef]);
    assert.deepEqual(
      attempts.map((one) => one.state),
      ['paid', 'paid'],
    );
    assert.deepEqual(
      refunds.map((refund) => [refund.attemptRef, refund.reason, refund.amountMinor]),
      [[attempt.attemptRef, 'second_payment', order.payableMinor]],
    );
    const notices = world.wechatPay.control.notifications().filter((notice) => notice.about.startsWith(key.orderId));
    assert.deepEqual(
      notices.map((notice) => notice.state),
      ['accepted', 'accepted'],
    );
  });

  test("the payment service's late word about an old attempt does not touch an order that a newer one paid", async () => {
    const { key, attempt } = await orderAndStart(world);
    const second = await startPaying(world, key, { surface: 'wechat.h5' });
    await pay(world, second.attemptRef);
    const provider = world.journey.providers.get('wechat-pay') ?? assert.fail('no provider');
    const fact = await provider.query(
      { attemptRef: attempt.attemptRef },
      { signal: new AbortController().signal, timeoutMs: 5_000 },
    );
    assert.equal(fact.state, 'closed');
    assert.equal(await world.journey.settlePayment.apply({ provider, fact }), 'known');
    await assertPaidOnce(key, second.attemptRef);
  });

  test('money that the payment service gives back by itself voids the permit, and the terminal is told', async () => {
    const { key, attempt } = await orderAndStart(world);
    await pay(world, attempt.attemptRef);
    const provider = world.journey.providers.get('wechat-pay') ?? assert.fail('no provider');
    const options = { signal: new AbortController().signal, timeoutMs: 5_000 };
    const amount = { minor: attempt.amountMinor, currency: 'CNY' };
    await provider.refund(
      { refundRef: 'by-hand-1', attemptRef: attempt.attemptRef, amount, paidTotal: amount, reason: '' },
      options,
    );
    await world.journey.settlePayment.apply({
      provider,
      fact: await provider.query({ attemptRef: attempt.attemptRef }, options),
    });
    const { order, permit } = await booksOf(world, key);
    assert.deepEqual([order.state, permit?.state], ['refunded', 'revoked']);
    const events = await findStationEvents(world.journey.db, key.stationNumber, 0, 500);
    assert.deepEqual(events.at(-1)?.body, { kind: 'permit.revoked', permitId: permit?.permitId });
    assert.deepEqual(world.alarms, ['payment_refunded_elsewhere']);
  });

  test('the database is gone when the notification comes: 503, nothing acknowledged; the repeat is paid and printed', async () => {
    const { key, attempt } = await orderAndStart(world);
    await withoutDatabase(world.databaseUrl, () => pay(world, attempt.attemptRef));
    const sent = world.wechatPay.control.traffic().findLast((line) => line.operation === 'notify');
    assert.equal(sent?.status, 503);
    await world.timeline.advance(15_000);
    await assertPaidOnce(key, attempt.attemptRef);
    assert.ok(world.alarms.includes('settlement_failed'));
  });

  /** Nobody gets into the database while `work` goes on, and whoever was in it is thrown out. */
  async function withoutDatabase(url: string, work: () => Promise<void>): Promise<void> {
    const elsewhere = new URL(url);
    const name = pg.escapeIdentifier(elsewhere.pathname.slice(1));
    elsewhere.pathname = '/postgres';
    const client = new pg.Client({ connectionString: elsewhere.href });
    await client.connect();
    await client.query(`alter database ${name} with allow_connections false`);
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
      new URL(url).pathname.slice(1),
    ]);
    try {
      await work();
    } finally {
      await client.query(`alter database ${name} with allow_connections true`);
      await client.end();
    }
  }

  test('where an account asks for confirmation, a signed notification is kept and acknowledged, asked after, and then judged', async () => {
    const { key, attempt } = await orderAndStart(strict);
    strict.wechatPay.control.addFault({ operation: 'query', kind: 'delay', times: 1, ms: 1_000 });
    await pay(strict, attempt.attemptRef);
    const [fact] = await findFacts(strict.journey.db, 1003, attempt.attemptRef);
    assert.deepEqual([fact?.judgement, (await booksOf(strict, key)).permit], [null, null]);
    await until(() => strict.wechatPay.control.faults().length === 0);
    await strict.timeline.advance(1_000);
    await until(async () => (await booksOf(strict, key)).permit !== null);
    await until(async () =>
      (await findFacts(strict.journey.db, 1003, attempt.attemptRef)).every((one) => one.judgement !== null),
    );
    assert.deepEqual(strict.alarms, []);
  });

  test('where the confirming question is not answered in time, the signed notification is enough', async () => {
    const { key, attempt } = await orderAndStart(strict);
    strict.wechatPay.control.addFault({ operation: 'query', kind: 'hang', times: 1 });
    await pay(strict, attempt.attemptRef);
    assert.equal((await booksOf(strict, key)).permit, null);
    await until(async () => (await booksOf(strict, key)).permit !== null);
    assert.deepEqual(strict.alarms, ['confirmation_failed']);
  });

  test('the node that asked for confirmation dies before it judges: another node judges what was kept, and there is one permit', async () => {
    const other = await strict.openNode();
    const { key, attempt } = await orderAndStart(strict);
    strict.wechatPay.control.addFault({ operation: 'query', kind: 'delay', times: 1, ms: 60_000 });
    await pay(strict, attempt.attemptRef);
    await until(() => strict.wechatPay.control.faults().length === 0);
    await strict.journey.db.query('update payment_attempts set poll_at = null');
    await strict.timeline.advance(5_000);
    await other.janitor.run();
    const judged = await findFacts(strict.journey.db, 1003, attempt.attemptRef);
    assert.deepEqual(
      [judged.map((fact) => fact.judgement), (await booksOf(strict, key)).permit?.attemptRef],
      [['paid'], attempt.attemptRef],
    );
    // The first node was only slow: what it learns in the end changes nothing.
    await strict.timeline.advance(55_000);
    await until(() => countCalls(strict, 'query', attempt.attemptRef) === 1);
    assert.deepEqual([(await booksOf(strict, key)).order.state, strict.alarms], ['paid', []]);
  });

  test('a signed notification that the payment service itself contradicts gives no permit, now or later, and a person is told', async () => {
    const { key, attempt } = await orderAndStart(strict);
    assert.equal(await sendStolen(strict, attempt.attemptRef), 204);
    await until(() => strict.alarms.length > 0);
    await strict.timeline.advance(60_000);
    await strict.journey.janitor.run();
    const { permit, order } = await booksOf(strict, key);
    assert.deepEqual([permit, order.state, strict.alarms], [null, 'placed', ['confirmation_contradicted']]);
  });

  /** Says "paid" as only WeChat Pay can say it, of a payment that was never made. */
  async function sendStolen(
    { wechatPay, platformKey, timeline, url }: TestJourney,
    attemptRef: string,
  ): Promise<number> {
    const { apiV3Key, ...merchant } = wechatPay.credentials;
    const payment = wechatPay.control.payment(attemptRef) ?? assert.fail(`${attemptRef} was never created`);
    const resource = describePayment(
      { ...payment, state: 'SUCCESS', transactionId: '4200000000000000000000000001', paidAtMs: timeline.now() },
      merchant,
    );
    const subject = {
      about: attemptRef,
      url,
      eventType: 'TRANSACTION.SUCCESS',
      originalType: 'transaction',
      summary: '',
    };
    const { body } = writeNotice({ ...subject, resource }, apiV3Key, timeline.now(), systemRandom);
    const headers = await signedHeaders(body, platformKey, timeline.now(), systemRandom);
    return (await post(`${url}/v1/notifications/wechat-pay`, body, headers)).status;
  }

  test('without confirmation the same words would have been believed: the key is what is trusted', async () => {
    const { key, attempt } = await orderAndStart(world);
    assert.equal(await sendStolen(world, attempt.attemptRef), 204);
    assert.equal((await booksOf(world, key)).order.state, 'paid');
  });

  test('after all of this the rows are in order', async () => {
    for (const one of [world, strict]) assert.deepEqual(await findBroken(one), []);
  });
});
