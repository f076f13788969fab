import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { minuteMs, secondMs } from '../base/clock.ts';
import { makeAttemptRef } from '../base/ids.ts';
import { makeAccessToken } from '../order/access-token.ts';
import type { Attempt } from '../payment/attempt.ts';
import { bearer, get } from '../testing/cloud.ts';
import { chunk, openPost } from '../testing/hand-post.ts';
import { type SentNotification, type TestJourney, booksOf, placeOrder, pressPay, until } from '../testing/journey.ts';
import {
  type Till,
  assertPaidOnce,
  assertUnpaid,
  factsAbout,
  lastSent,
  onStage,
  orderAt,
  postSent,
  rawOf,
  serviceNames,
} from '../testing/till.ts';

/** What payment services tell us, and who else may: scenarios 1 to 10 and 21 of the payment reference, for each service that they can happen with. */
/** What a node reads of any request. */
const bodyBytesMax = 512 * 1024;

describe('notifications', () => {
  let world: TestJourney;
  let tills: readonly Till[];
  let till: Till;

  onStage((openedWorld, openedTills) => {
    world = openedWorld;
    tills = openedTills;
  });

  /** One character of the signed text changed, wherever this service has its text. */
  const forge = ({ url, headers, body }: SentNotification): SentNotification => ({
    url,
    headers,
    body:
      till.service === 'alipay' ? body.replace('TRADE_SUCCESS', 'TRADE_SUCCESs') : body.replace(/"id":\s*"/, '"id":"x'),
  });

  const withoutSignature = ({ url, headers, body }: SentNotification): SentNotification => ({
    url,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.includes('signature'))),
    body: body.replace(/(^|&)sign=[^&]*/, ''),
  });

  /** Paid there, while nothing could be kept here: the notification as it left the service, which is still to be taken. */
  async function payUnheard({ attemptRef }: Attempt): Promise<SentNotification> {
    await world.journey.db.query('alter table payment_facts rename to payment_facts_away');
    await till.pay(attemptRef);
    await world.journey.db.query('alter table payment_facts_away rename to payment_facts');
    return lastSent(world, till);
  }

  for (const [index, name] of serviceNames.entries()) {
    describe(name, () => {
      before(() => {
        till = tills[index] ?? assert.fail(`no ${name}`);
        assert.equal(till.name, name);
      });

      test('1: the notification never arrives, and the next poll finds the payment: one permit', async () => {
        const { key, attempt } = await orderAt(world, till);
        await till.pay(attempt.attemptRef, { quietly: true });
        await assertUnpaid(world, key);
        await world.timeline.advance(2 * secondMs);
        await world.journey.janitor.run();
        await assertPaidOnce(world, key, attempt);
      });

      test('2: the same notification ten times at once, at two nodes: all accepted, one fact, one permit, one entry in the books', async () => {
        const other = await world.openNode();
        const { key, attempt } = await orderAt(world, till);
        await till.pay(attempt.attemptRef);
        const sent = lastSent(world, till);
        const replies = await Promise.all(
          Array.from({ length: 10 }, async (_, turn) =>
            turn % 2 === 0
              ? postSent(sent)
              : (await other.settlePayment.receive(till.provider(), rawOf(world, sent))).status,
          ),
        );
        assert.ok(
          replies.every((status) => status === 200 || status === 204),
          replies.join(),
        );
        const kept = (await factsAbout(world, key, attempt.attemptRef)).filter((one) => one.source === 'notification');
        assert.equal(new Set(kept.map((one) => one.dedupeId)).size, kept.length);
        assert.equal(kept.filter((one) => one.judgement === 'paid').length, 1);
        await assertPaidOnce(world, key, attempt);
      });

      test('3: notification, poll and the returning browser in the same instant, at two nodes: paid once', async () => {
        const other = await world.openNode();
        for (let round = 0; round < 3; round += 1) {
          const { key, attempt } = await orderAt(world, till);
          await world.timeline.advance(2 * secondMs);
          const token = makeAccessToken(world.journey.accessTokenSecret, key.orderId);
          await Promise.all([
            till.pay(attempt.attemptRef),
            world.journey.janitor.run(),
            other.janitor.run(),
            get(`${world.url}/v1/orders/${key.orderId}`, bearer(token)),
          ]);
          await assertPaidOnce(world, key, attempt);
        }
      });

      test('4: a forged signature, none, or another key: refused with 4xx, no fact, no permit; the raw bytes are what counts', async () => {
        const { key, attempt } = await orderAt(world, till);
        const { attempt: honest } = await orderAt(world, till);
        await till.pay(honest.attemptRef);
        const sent = lastSent(world, till);
        // Alipay signs the values of a form, the others its bytes.
        const respaced = till.service === 'alipay' ? [] : [{ ...sent, body: `${sent.body} ` }];
        for (const bad of [forge(sent), withoutSignature(sent), ...respaced]) {
          const status = await postSent(bad);
          assert.ok(status >= 400 && status < 500, `${status}`);
        }
        till.trouble('notify', 'wrong_signature');
        await till.pay(attempt.attemptRef);
        assert.deepEqual(
          (await factsAbout(world, key, attempt.attemptRef)).filter((one) => one.source === 'notification'),
          [],
        );
        assert.equal((await booksOf(world, key)).permit, null);
        assert.ok(world.alarms.includes('notification_rejected'));
      });

      test('6: a valid signature whose time is 301 s old or ahead is not believed as it stands; the real state is found by asking', async () => {
        for (const ms of [-301 * secondMs, 301 * secondMs]) {
          const { key, attempt } = await orderAt(world, till);
          till.trouble('notify', 'clock_skew', 1, ms);
          await till.pay(attempt.attemptRef);
          const believed = (await factsAbout(world, key, attempt.attemptRef)).filter(
            (one) => one.source === 'notification',
          );
          assert.deepEqual(believed, []);
          await world.timeline.advance(2 * secondMs);
          await world.journey.janitor.run();
          await assertPaidOnce(world, key, attempt);
        }
      });

      test('7: what was changed on the way is refused, and no fact is stored', async () => {
        const { key, attempt } = await orderAt(world, till);
        till.trouble('notify', 'tampered');
        await till.pay(attempt.attemptRef);
        assert.deepEqual(await factsAbout(world, key, attempt.attemptRef), []);
        await assertUnpaid(world, key);
      });

      for (const lie of ['less', 'more'] as const) {
        test(`8: authentic, and ${lie} money than the order's: kept, no permit, it goes back, a person is told`, async (context) => {
          if (!till.lies.includes(lie)) return context.skip(`${name} is not told to lie so`);
          const { key, attempt } = await orderAt(world, till);
          await till.pay(attempt.attemptRef, { lie });
          const { order, permit, attempts, refunds } = await booksOf(world, key);
          assert.deepEqual([order.state, permit, attempts[0]?.integrity], ['placed', null, 'wrong_amount']);
          assert.deepEqual(
            refunds.map((one) => [one.reason, one.amountMinor]),
            [[lie === 'less' ? 'integrity' : 'overpayment', attempts[0]?.paidMinor]],
          );
          assert.ok(world.alarms.includes(lie === 'less' ? 'payment_integrity' : 'payment_overpayment'));
        });
      }

      for (const lie of ['merchant', 'app', 'currency', 'mode'] as const) {
        test(`9: authentic, but of another ${lie}: kept, acknowledged, no permit, a person is told`, async (context) => {
          if (!till.lies.includes(lie)) return context.skip(`${name} is not told to lie so`);
          const { key, attempt } = await orderAt(world, till);
          await till.pay(attempt.attemptRef, { lie });
          const { order, permit, attempts } = await booksOf(world, key);
          assert.deepEqual([order.state, permit], ['placed', null]);
          assert.notEqual(attempts[0]?.integrity, null);
          const [kept] = (await factsAbout(world, key, attempt.attemptRef)).filter(
            (one) => one.source === 'notification',
          );
          assert.equal(kept?.judgement, 'integrity');
          assert.deepEqual(world.alarms, ['payment_integrity']);
        });
      }

      test('10: the notification comes before the answer to our create call: matched and paid, and the lost answer takes nothing back', async () => {
        const key = await placeOrder(world);
        const attemptRef = makeAttemptRef(key.orderId, 1);
        till.trouble('create', 'commit_then_hang');
        const pressed = pressPay(world, key, till.way);
        await until(() => till.canBePaid(attemptRef));
        await till.pay(attemptRef);
        await pressed;
        const { attempts } = await booksOf(world, key);
        await assertPaidOnce(world, key, attempts[0] ?? assert.fail('no attempt'));
      });

      test('21: declined, then paid in the same cashier: accepted', async () => {
        const { key, attempt } = await orderAt(world, till);
        till.decline(attempt.attemptRef);
        await world.timeline.advance(2 * secondMs);
        await world.journey.janitor.run();
        assert.equal((await booksOf(world, key)).attempts[0]?.state, 'pending');
        await till.pay(attempt.attemptRef);
        await assertPaidOnce(world, key, attempt);
      });

      test('a body over the limit, announced or not, is refused with 4xx and leaves no fact', async () => {
        const { key, attempt } = await orderAt(world, till);
        const sent = await payUnheard(attempt);
        const padded = await postSent({ ...sent, body: sent.body + ' '.repeat(300 * 1024) });
        assert.ok(padded >= 400 && padded < 500, `${padded}`);
        const announced = await openPost(sent, { 'content-length': String(bodyBytesMax + 1) });
        assert.equal(await announced.status(), 413);
        const growing = await openPost(sent, { 'transfer-encoding': 'chunked' });
        await growing.write(chunk(sent.body) + chunk(' '.repeat(bodyBytesMax + 1 - Buffer.byteLength(sent.body))));
        assert.equal(await growing.status(), 413);
        for (const one of [announced, growing]) one.close();
        assert.deepEqual(await factsAbout(world, key, attempt.attemptRef), []);
        await assertUnpaid(world, key);
      });

      test('a body in chunks that does not say its length is taken like every other', async () => {
        const { key, attempt } = await orderAt(world, till);
        const sent = await payUnheard(attempt);
        const post = await openPost(sent, { 'transfer-encoding': 'chunked' });
        const middle = Math.floor(sent.body.length / 2);
        await post.write(chunk(sent.body.slice(0, middle)) + chunk(sent.body.slice(middle)) + chunk(''));
        const status = await post.status();
        post.close();
        assert.ok(status === 200 || status === 204, `${status}`);
        await assertPaidOnce(world, key, attempt);
      });

      test('bodies that never end hold up nobody: a good notification is answered while they are waited for', async () => {
        const { key, attempt } = await orderAt(world, till);
        const sent = await payUnheard(attempt);
        const length = { 'content-length': String(Buffer.byteLength(sent.body)), expect: '100-continue' };
        const slow = await Promise.all(Array.from({ length: 50 }, () => openPost(sent, length)));
        for (const one of slow) {
          await one.isAwaited();
          await one.write(sent.body.slice(0, Math.floor(sent.body.length / 2)));
        }
        assert.deepEqual(await factsAbout(world, key, attempt.attemptRef), []);
        const status = await postSent(sent);
        assert.ok(status === 200 || status === 204, `${status}`);
        assert.ok(slow.every((one) => one.isOpen()));
        for (const one of slow) one.close();
        await assertPaidOnce(world, key, attempt);
      });

      test('the database is away when the notification comes: no acknowledgement, and a later retry works', async () => {
        const { key, attempt } = await orderAt(world, till);
        await world.journey.db.query('alter table payment_facts rename to payment_facts_away');
        await till.pay(attempt.attemptRef);
        await world.journey.db.query('alter table payment_facts_away rename to payment_facts');
        await assertUnpaid(world, key);
        assert.ok(world.alarms.includes('settlement_failed'));
        await world.timeline.advance(5 * minuteMs);
        await until(async () => (await booksOf(world, key)).order.state === 'paid');
        await assertPaidOnce(world, key, attempt);
      });
    });
  }

  test('5: a probe of WeChat Pay with a signature that is false on purpose is refused with 4xx, and nobody is alarmed', async () => {
    const status = await world.wechatPay.control.probe(`${world.url}/v1/notifications/wechat-pay`);
    assert.ok(status !== null && status >= 400 && status < 500);
    assert.deepEqual(world.alarms, []);
  });
});
