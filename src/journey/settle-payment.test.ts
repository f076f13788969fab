import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { makeOrderId } from '../base/ids.ts';
import { systemRandom } from '../base/random.ts';
import type { OrderKey } from '../order/order.ts';
import { findFacts } from '../payment/fact.sql.ts';
import { findBalances } from '../payment/ledger.sql.ts';
import type { CreateInput } from '../payment/provider/provider.ts';
import type { NotifyFaultKind } from '../simulator/wechat-pay/faults.ts';
import { findStationEvents } from '../station/station-feed.sql.ts';
import { bearer, get, post } from '../testing/cloud.ts';
import { makeAccessToken } from '../order/access-token.ts';
import {
  booksOf,
  findBroken,
  forgetOrders,
  openTestJourney,
  orderAndStart,
  pay,
  paySilently,
  startPaying,
  type TestJourney,
} from '../testing/journey.ts';

describe('settling a payment', () => {
  let world: TestJourney;

  before(async () => {
    world = await openTestJourney();
  });
  afterEach(async () => {
    world.wechatPay.control.clearFaults();
    world.alarms.length = 0;
    await forgetOrders(world);
  });
  after(() => world.stop());

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
    const provider = other.accounts.named('wechat-pay', 'main') ?? assert.fail('no provider');
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

  test('authentic, but for another merchant or currency: kept, acknowledged, a person is told, and there is no permit', async () => {
    for (const claims of [{ mchid: '1900000009' }, { currency: 'USD' }]) {
      const { key, attempt } = await orderAndStart(world);
      await pay(world, attempt.attemptRef, { claims });
      assert.equal(world.wechatPay.control.traffic().findLast((line) => line.operation === 'notify')?.status, 204);
      assert.deepEqual(
        (await factsOf(key, attempt.attemptRef)).map((fact) => fact.judgement),
        ['integrity'],
      );
      assert.equal((await booksOf(world, key)).permit, null);
      assert.deepEqual(world.alarms, ['payment_integrity']);
      world.alarms.length = 0;
    }
  });

  test("our merchant's money through another app gives no permit and goes back whole", async () => {
    const { key, attempt } = await orderAndStart(world);
    await pay(world, attempt.attemptRef, { claims: { appid: 'wx0000000000000009' } });
    const books = await booksOf(world, key);
    assert.deepEqual([books.permit, books.order.state], [null, 'placed']);
    assert.deepEqual(
      books.refunds.map((refund) => [refund.reason, refund.amountMinor]),
      [['integrity', attempt.amountMinor]],
    );
    assert.deepEqual(world.alarms, ['payment_integrity']);
    world.alarms.length = 0;
  });

  test("our merchant's money under a reference that no order has stands in suspense, and a person is told", async () => {
    const provider = world.journey.accounts.named('wechat-pay', 'main') ?? assert.fail('no provider');
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
    const provider = world.journey.accounts.named('wechat-pay', 'main') ?? assert.fail('no provider');
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
    const provider = world.journey.accounts.named('wechat-pay', 'main') ?? assert.fail('no provider');
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

  test('after all of this the rows are in order', async () => {
    assert.deepEqual(await findBroken(world), []);
  });
});
