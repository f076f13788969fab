import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { minuteMs, secondMs } from '../base/clock.ts';
import { isRefusal } from '../base/problem.ts';
import { orderLifetimeMs } from '../order/order.ts';
import type { OrderMessage } from '../order/order.message.ts';
import { makeAccessToken } from '../order/access-token.ts';
import { bearer, get, post } from '../testing/cloud.ts';
import { booksOf, placeOrder, pressPay, type TestJourney } from '../testing/journey.ts';
import { type Till, assertPaidOnce, assertUnpaid, onStage, orderAt, serviceNames, startAt } from '../testing/till.ts';

/** What goes wrong between us and a payment service: scenarios 11 to 14 of the payment reference, clocks, and a service that is down. */
describe('calls', () => {
  let world: TestJourney;
  let tills: readonly Till[];
  let till: Till;

  onStage((openedWorld, openedTills) => {
    world = openedWorld;
    tills = openedTills;
  });

  async function shown(orderId: string): Promise<OrderMessage> {
    const token = makeAccessToken(world.journey.accessTokenSecret, orderId);
    return (await get(`${world.url}/v1/orders/${orderId}`, bearer(token))).json as unknown as OrderMessage;
  }

  for (const [index, name] of serviceNames.entries()) {
    describe(name, () => {
      before(() => {
        till = tills[index] ?? assert.fail(`no ${name}`);
      });

      for (const kind of [
        'commit_then_hang',
        'commit_then_reset',
        'hang',
        'reset',
        'server_error',
        'html_502',
        'commit_then_server_error',
        'commit_then_html_502',
      ]) {
        test(`11, 12: create ends in "${kind}": unknown and "checking", the same reference again, and no second one while this one may be paid`, async () => {
          const key = await placeOrder(world);
          till.trouble('create', kind);
          const attempt = await startAt(world, till, key);
          assert.deepEqual([attempt.state, attempt.unknown, attempt.nextAction], ['created', true, null]);
          const { payment } = await shown(key.orderId);
          assert.deepEqual([payment?.unknown, payment?.state], [true, 'created']);
          const again = await startAt(world, till, key);
          assert.equal(again.attemptRef, attempt.attemptRef);
          assert.notEqual(again.nextAction, null);
          await till.pay(again.attemptRef);
          await assertPaidOnce(world, key, again);
        });
      }

      test('12: an answer of any size, or HTML, never crashes and never says failed', async () => {
        for (const kind of ['oversize', 'html_502']) {
          till.trouble('query', kind);
          const { key } = await orderAt(world, till);
          await world.timeline.advance(2 * secondMs);
          await world.journey.janitor.run();
          assert.equal((await booksOf(world, key)).attempts[0]?.state, 'pending');
        }
      });

      test('13: refused before any byte was sent: the attempt failed, and another method is open at once', async () => {
        const key = await placeOrder(world);
        world.wire.refused = true;
        const refused = await pressPay(world, key, till.way);
        assert.equal(isRefusal(refused) ? refused.refusal : 'opened', 'payment_service_down');
        world.wire.refused = false;
        assert.equal((await booksOf(world, key)).attempts[0]?.state, 'failed');
        const other = tills[(index + 1) % tills.length] ?? assert.fail('no other');
        const second = await startAt(world, other, key);
        await other.pay(second.attemptRef);
        await assertPaidOnce(world, key, second);
      });

      for (const kind of ['unsigned', 'wrong_signature']) {
        test(`14: an answer to our query that says paid and is ${kind} is unknown: no permit, and a person is told`, async (context) => {
          if (!till.provider().capabilities.signedResponses) return context.skip(`${name} signs no answers`);
          const { key, attempt } = await orderAt(world, till);
          await till.pay(attempt.attemptRef, { quietly: true });
          till.trouble('query', kind);
          await world.timeline.advance(2 * secondMs);
          await world.journey.janitor.run();
          await assertUnpaid(world, key);
          assert.ok(world.alarms.includes('payment_answer_unbelievable'));
          await world.timeline.advance(2 * secondMs);
          await world.journey.janitor.run();
          await assertPaidOnce(world, key, attempt);
        });
      }

      test('the service is down for half an hour: its method is hidden, open attempts are kept, and what was paid is found', async () => {
        const { key, attempt } = await orderAt(world, till);
        till.trouble('notify', 'drop', 100);
        await till.pay(attempt.attemptRef);
        world.wire.refused = true;
        for (let minute = 0; minute < 30; minute += 5) {
          await world.timeline.advance(5 * minuteMs);
          await world.journey.janitor.run();
        }
        assert.ok(!world.journey.services.offered((await booksOf(world, key)).order.station).includes(till.service));
        const during = await booksOf(world, key);
        assert.equal(during.attempts[0]?.state, 'pending');
        world.wire.refused = false;
        await world.journey.services.probe();
        assert.ok(world.journey.services.offered(during.order.station).includes(till.service));
        await world.timeline.advance(5 * minuteMs);
        await world.journey.janitor.run();
        const found = await booksOf(world, key);
        // He paid in time; but when a service is silent for ten minutes past the order's end, the driver has left: his money goes back.
        assert.deepEqual(
          [found.order.state, found.permit, found.refunds.map((one) => one.reason)],
          ['expired', null, ['late_payment']],
        );
      });

      test('the driver is back from the cashier and no notification came: the service is asked at once, and not more often than ever', async () => {
        const { key, attempt } = await orderAt(world, till);
        // By now it is asked every thirty seconds.
        await world.journey.db.query(
          'update payment_attempts set polls = 50, poll_at = to_timestamp($2::bigint / 1000.0) where order_id = $1',
          [key.orderId, world.timeline.now() + 30 * secondMs],
        );
        await till.pay(attempt.attemptRef, { quietly: true });
        await world.journey.janitor.run();
        await assertUnpaid(world, key);
        const token = makeAccessToken(world.journey.accessTokenSecret, key.orderId);
        const returned = () => post(`${world.url}/v1/orders/${key.orderId}/returned`, {}, bearer(token));
        assert.equal((await returned()).json['state'], 'placed');
        await returned();
        const before = till.calls('query', '');
        await world.journey.janitor.run();
        await assertPaidOnce(world, key, attempt);
        assert.ok(till.calls('query', '') - before <= 2);
      });

      test('our clock is wrong by ten minutes: nothing is believed that cannot be, a person is told, and it is mended with the clock', async () => {
        const { key, attempt } = await orderAt(world, till);
        world.wire.clockSkewMs = 10 * minuteMs;
        await till.pay(attempt.attemptRef, { quietly: true });
        const health = await till.provider().health({ signal: AbortSignal.timeout(5_000), timeoutMs: 5_000 });
        assert.ok(!health.ok || Math.abs(health.clockSkewMs ?? 0) > 9 * minuteMs);
        world.wire.clockSkewMs = 0;
        await world.timeline.advance(2 * secondMs);
        await world.journey.janitor.run();
        await assertPaidOnce(world, key, attempt);
      });

      test('an attempt of which nobody knows anything for ten minutes is told to a person', async () => {
        till.trouble('create', 'hang');
        await orderAt(world, till);
        world.wire.refused = true;
        await world.timeline.advance(orderLifetimeMs);
        await world.journey.janitor.run();
        await world.timeline.advance(5 * minuteMs + 1);
        await world.journey.janitor.run();
        assert.ok(world.alarms.includes('payment_unknown_too_long'));
      });
    });
  }
});
