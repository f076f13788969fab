import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { OrderMessage } from '../order/order.message.ts';
import {
  bearer,
  newKey,
  placePlainOrder,
  post,
  startTestCloud,
  type TestCloud,
  waitForOrder,
} from '../testing/cloud.ts';
import { until } from '../testing/journey.ts';

describe('a node of the cloud', () => {
  let cloud: TestCloud;

  before(async () => {
    cloud = await startTestCloud({ more: ['alipay'] });
  });

  async function startPaying(method: string, surface: string) {
    const placed = await placePlainOrder(cloud.url);
    const answer = await post(
      `${cloud.url}/v1/orders/${placed.order.orderId}/payments`,
      { method, surface },
      { ...bearer(placed.accessToken), 'idempotency-key': newKey() },
    );
    assert.equal(answer.status, 201, JSON.stringify(answer.json));
    return placed;
  }

  const rejected = () => cloud.alarms.filter((name) => name === 'notification_rejected').length;

  test('a flood of forged notifications is ten lines in the log', async () => {
    for (let count = 0; count < 40; count += 1)
      assert.ok((await post(`${cloud.url}/v1/notifications/wechat-pay`, { forged: count })).status >= 400);
    assert.equal(rejected(), 10);
  });

  /** As long as a call may wait for an answer, and a little less. */
  const silentMs = 7_000;

  test('while one payment service leaves a question without an answer, a payment at the other is found', async () => {
    const { wechatPay, simulators } = cloud;
    wechatPay.control.addFault({ operation: 'query', kind: 'hang', times: 1 });
    await startPaying('wechat-pay', 'wechat.native');
    await until(() => wechatPay.desk.faults().length === 0);
    const alipay = simulators.alipay ?? assert.fail('no Alipay');
    alipay.control.addFault({ operation: 'notify', kind: 'drop', times: 100 });
    const placed = await startPaying('alipay', 'alipay.qr');
    const attempt = alipay.desk.payments().at(-1) ?? assert.fail('nothing to pay');
    assert.equal(alipay.control.pay(attempt.ref).kind, 'paid');
    const paid = await waitForOrder<OrderMessage>(cloud.url, placed, ({ state }) => state === 'paid', silentMs);
    assert.equal(paid.state, 'paid');
    // Who hangs on the line is let go, or the node would wait for it.
    await wechatPay.close();
  });

  test('it stops, and before that tells what it has left out', async () => {
    const before = rejected();
    await cloud.stop();
    assert.deepEqual([before, rejected()], [10, 11]);
  });
});
