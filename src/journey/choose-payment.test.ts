import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { isRefusal } from '../base/problem.ts';
import type { OrderMessage } from '../order/order.message.ts';
import { bearer, get, newKey, placePlainOrder, post } from '../testing/cloud.ts';
import {
  booksOf,
  findBroken,
  forgetOrders,
  openTestJourney,
  orderAndStart,
  pay,
  placeOrder,
  pressPay,
  startPaying,
  type TestJourney,
} from '../testing/journey.ts';

const insideWechat = 'Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.60';
const onPhone = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36';

describe('choosing how to pay', () => {
  let world: TestJourney;

  before(async () => {
    world = await openTestJourney();
  });
  afterEach(async () => {
    world.wechatPay.control.clearFaults();
    world.wire.refused = false;
    await forgetOrders(world);
    world.alarms.length = 0;
  });
  after(() => world.stop());

  const offeredAt = async (): Promise<unknown> => (await get(`${world.url}/v1/stations/1003`)).json['methods'];

  async function fail(times: number): Promise<void> {
    world.wire.refused = true;
    for (let count = 0; count < times; count += 1) await pressPay(world, await placeOrder(world));
    world.wire.refused = false;
  }

  test('a station offers of its methods those that somebody has set up an account for', async () => {
    assert.deepEqual(await offeredAt(), ['wechat-pay']);
  });

  test('a method whose service does not answer three times in a row is hidden, is not called in vain, and comes back by itself', async () => {
    const { accessToken, order } = await placePlainOrder(world.url);
    await fail(2);
    assert.deepEqual(await offeredAt(), ['wechat-pay']);
    await fail(1);
    assert.deepEqual(await offeredAt(), []);
    const shown = (await get(`${world.url}/v1/orders/${order.orderId}`, bearer(accessToken))).json;
    assert.deepEqual((shown as unknown as OrderMessage).station.methods, []);
    assert.deepEqual(world.alarms, ['payment_service_down']);
    const called = world.wechatPay.control.traffic().length;
    const refused = await pressPay(world, await placeOrder(world));
    assert.deepEqual(isRefusal(refused) ? refused : null, { refusal: 'payment_service_down', hint: { methods: [] } });
    assert.equal(world.wechatPay.control.traffic().length, called);
    world.wire.refused = true;
    await world.journey.services.probe();
    assert.deepEqual(await offeredAt(), []);
    world.wire.refused = false;
    await world.journey.services.probe();
    assert.deepEqual(await offeredAt(), ['wechat-pay']);
    assert.deepEqual(world.alarms, ['payment_service_down', 'payment_service_back']);
  });

  test('an attempt that is open when its service goes down stays open, and is paid when it is back', async () => {
    const { key, attempt } = await orderAndStart(world);
    await fail(3);
    assert.equal((await booksOf(world, key)).attempts[0]?.state, 'pending');
    await pay(world, attempt.attemptRef);
    assert.equal((await booksOf(world, key)).order.state, 'paid');
  });

  test('the cloud takes the surface that fits the browser where none is asked for', async () => {
    for (const [userAgent, surface] of [
      [onPhone, 'wechat.h5'],
      ['a desk', 'wechat.native'],
    ] as const) {
      const attempt = await startPaying(world, await placeOrder(world), { surface: null, userAgent });
      assert.equal(attempt.surface, surface);
    }
  });

  describe('inside WeChat', () => {
    const payInside = async (orderId: string, accessToken: string, more: object = {}) =>
      post(
        `${world.url}/v1/orders/${orderId}/payments`,
        { method: 'wechat-pay', ...more },
        { ...bearer(accessToken), 'idempotency-key': newKey(), 'user-agent': insideWechat },
      );

    test('WeChat says who pays, and its own call pays the order', async () => {
      const { accessToken, order } = await placePlainOrder(world.url);
      const asked = await payInside(order.orderId, accessToken);
      assert.deepEqual([asked.status, asked.json['code']], [422, 'payer_missing']);
      const { signInUrl } = asked.json['hint'] as { signInUrl: string };
      const back = await fetch(signInUrl, { redirect: 'manual' });
      const returned = new URL(back.headers.get('location') ?? '');
      assert.deepEqual(
        [returned.origin + returned.pathname, returned.searchParams.get('state')],
        [`${world.url}/o/${order.orderId}`, order.orderId],
      );
      const signInCode = returned.searchParams.get('code');
      const started = await payInside(order.orderId, accessToken, { signInCode });
      assert.deepEqual([started.status, started.json['surface']], [201, 'wechat.jsapi']);
      const { kind, params } = started.json['next'] as { kind: string; params: Record<string, string> };
      assert.deepEqual(
        [kind, Object.keys(params).sort()],
        ['jsapi', ['appId', 'nonceStr', 'package', 'paySign', 'signType', 'timeStamp']],
      );
      await pay(world, String(started.json['attemptRef']));
      const { json } = await get(`${world.url}/v1/orders/${order.orderId}`, bearer(accessToken));
      assert.equal(json['state'], 'paid');
      const again = await payInside((await placePlainOrder(world.url)).order.orderId, accessToken, { signInCode });
      assert.equal(again.status, 401);
    });

    test('a code that was used tells nobody: the driver is asked to sign in again', async () => {
      const first = await placePlainOrder(world.url);
      const asked = await payInside(first.order.orderId, first.accessToken);
      const { signInUrl } = asked.json['hint'] as { signInUrl: string };
      const back = await fetch(signInUrl, { redirect: 'manual' });
      const signInCode = new URL(back.headers.get('location') ?? '').searchParams.get('code');
      assert.equal((await payInside(first.order.orderId, first.accessToken, { signInCode })).status, 201);
      const second = await placePlainOrder(world.url);
      const refused = await payInside(second.order.orderId, second.accessToken, { signInCode });
      assert.equal(refused.json['code'], 'payer_missing');
    });
  });

  test('an earlier attempt is in doubt: the driver waits, or insists; then the first that is paid gives the permit and the other goes back', async () => {
    const { key, attempt } = await orderAndStart(world);
    world.wechatPay.control.addFault({ operation: 'close', kind: 'rate_limited', times: 10 });
    const waits = await pressPay(world, key, { surface: 'wechat.h5' });
    assert.equal(isRefusal(waits) ? waits.refusal : 'opened', 'payment_in_progress');
    const second = await startPaying(world, key, { surface: 'wechat.h5', insists: true });
    assert.notEqual(second.attemptRef, attempt.attemptRef);
    const open = await booksOf(world, key);
    assert.deepEqual(
      open.attempts.map((one) => [one.state, one.abandoned]),
      [
        ['pending', true],
        ['pending', false],
      ],
    );
    await pay(world, second.attemptRef);
    const paid = await booksOf(world, key);
    assert.deepEqual([paid.order.state, paid.permit?.attemptRef], ['paid', second.attemptRef]);
    await pay(world, attempt.attemptRef);
    const double = await booksOf(world, key);
    assert.deepEqual(
      double.refunds.map((one) => [one.attemptRef, one.reason]),
      [[attempt.attemptRef, 'second_payment']],
    );
    assert.equal(double.permit?.attemptRef, second.attemptRef);
    assert.deepEqual(await findBroken(world), []);
  });

  test('the attempt that was given up is paid after all, and first: it gives the permit, and the other is closed', async () => {
    const { key, attempt } = await orderAndStart(world);
    world.wechatPay.control.addFault({ operation: 'close', kind: 'rate_limited', times: 1 });
    const second = await startPaying(world, key, { surface: 'wechat.h5', insists: true });
    await pay(world, attempt.attemptRef);
    assert.equal((await booksOf(world, key)).permit?.attemptRef, attempt.attemptRef);
    await world.journey.janitor.run();
    const { attempts } = await booksOf(world, key);
    assert.deepEqual([attempts[1]?.attemptRef, attempts[1]?.state], [second.attemptRef, 'closed']);
    assert.equal(world.wechatPay.control.pay(second.attemptRef).kind, 'refused');
  });

  test('an order with an attempt that was given up can be cancelled; what that attempt brings goes back', async () => {
    const { key, attempt } = await orderAndStart(world);
    world.wechatPay.control.addFault({ operation: 'close', kind: 'rate_limited', times: 1 });
    await startPaying(world, key, { surface: 'wechat.h5', insists: true });
    world.wechatPay.control.addFault({ operation: 'close', kind: 'rate_limited', times: 2 });
    await pressPay(world, key, { surface: 'wechat.native', insists: true });
    world.wechatPay.control.clearFaults();
    const ended = await world.journey.endOrder(key, 'cancelled');
    assert.ok(!isRefusal(ended), JSON.stringify(ended));
    await pay(world, attempt.attemptRef, { evenIfLate: true });
    const { refunds, order, permit } = await booksOf(world, key);
    assert.deepEqual([order.state, permit, refunds.map((one) => one.reason)], ['cancelled', null, ['late_payment']]);
  });
});
