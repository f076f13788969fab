import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { isRefusal } from '../base/problem.ts';
import type { Journey } from '../journey/journey.ts';
import type { OrderKey } from '../order/order.ts';
import type { StationEvent } from '../station/station-feed.sql.ts';
import { newKey } from '../testing/cloud.ts';
import { booksOf, type TestJourney, until } from '../testing/journey.ts';
import { advanceToHour, balancesOf, reconcile } from '../testing/reconciliation.ts';
import { type Till, onStage, orderAt, serviceNames } from '../testing/till.ts';

/** Between "paid" and the paper, and what the bill says the next morning: scenarios 24 and 25 of the payment reference, for each service. */
describe('delivery and bills', () => {
  let world: TestJourney;
  let tills: readonly Till[];
  let till: Till;

  onStage((openedWorld, openedTills) => {
    world = openedWorld;
    tills = openedTills;
  });

  /** What a terminal hears that reads the station's whole log at this node. */
  function listen(journey: Journey, { stationNumber }: OrderKey): { readonly heard: StationEvent[]; stop(): void } {
    const heard: StationEvent[] = [];
    const follower = journey.feeds.follow(
      stationNumber,
      0,
      (event) => void heard.push(event),
      (error) => assert.fail(String(error)),
    );
    return { heard, stop: () => follower.stop() };
  }

  const about = (events: readonly StationEvent[], permitId: string): readonly string[] =>
    events.flatMap(({ body }) => (JSON.stringify(body).includes(permitId) ? [String(body.kind)] : []));

  for (const [index, name] of serviceNames.entries()) {
    describe(name, () => {
      before(() => {
        till = tills[index] ?? assert.fail(`no ${name}`);
      });

      test('24: a node dies between "paid" and the print: the permit is in the rows, another node hands it on once; given back before it is used, it is void there too', async () => {
        const { key, attempt } = await orderAt(world, till);
        await till.pay(attempt.attemptRef);
        const { permit } = await booksOf(world, key);
        const permitId = permit?.permitId ?? assert.fail('no permit');
        // A node that was not there when it was paid, as after a restart.
        const other = await world.openNode();
        const terminal = listen(other, key);
        await until(() => about(terminal.heard, permitId).length > 0);
        await till.pay(attempt.attemptRef).catch(() => undefined);
        await other.feeds.sweep();
        assert.deepEqual(about(terminal.heard, permitId), ['permit.issued']);
        const wish = { ...key, idempotencyKey: newKey(), amountMinor: null, reason: 'test', by: 'Li Wei' };
        assert.ok(!isRefusal(await other.refundOrder({ ...wish, evenIfRedeemed: false })));
        await until(() => about(terminal.heard, permitId).length > 1);
        assert.deepEqual(about(terminal.heard, permitId), ['permit.issued', 'permit.revoked']);
        terminal.stop();
      });

      test('25: the bill has a payment that is held as unpaid: a fact from the bill, and all of it goes back as late', async () => {
        const day = await advanceToHour(world, 12);
        const { key, attempt } = await orderAt(world, till);
        till.trouble('notify', 'drop', 60);
        await till.pay(attempt.attemptRef);
        await advanceToHour(world, 11);
        const done = await reconcile(world, day, { provider: till.provider() });
        assert.equal(done.failure, null);
        const { permit, refunds } = await booksOf(world, key);
        assert.deepEqual([permit, refunds.map((one) => one.reason)], [null, ['late_payment']]);
      });

      test('25: the bill lacks a payment that is held as paid: suspense, an alarm, and the day is open until a person explains it', async () => {
        const day = await advanceToHour(world, 12);
        const { key, attempt } = await orderAt(world, till);
        const provider = till.provider();
        // Somebody who has stolen the service's key.
        await world.journey.settlePayment.apply({
          provider,
          fact: {
            source: 'notification',
            attemptRef: attempt.attemptRef,
            state: 'paid',
            ...provider.merchant,
            amount: { minor: attempt.amountMinor, currency: attempt.currency },
            paidAt: world.timeline.now(),
            providerPaymentId: 'FORGED',
            authenticated: true,
            evidence: { receivedAt: world.timeline.now(), bodySha256: '' },
          },
        });
        assert.equal((await booksOf(world, key)).order.state, 'paid');
        await advanceToHour(world, 11);
        const done = await reconcile(world, day, { provider });
        assert.deepEqual(
          done.differences.map(({ kind, openCount }) => [kind, openCount]),
          [
            ['paid_here_not_there', 1],
            ['permit_never_printed', 1],
          ],
        );
        assert.ok(world.alarms.includes('reconciliation_difference'));
        assert.equal((await balancesOf(world, key.orderId))['suspense'], attempt.amountMinor);
      });
    });
  }
});
