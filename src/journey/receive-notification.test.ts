import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import pg from 'pg';
import { findFacts } from '../payment/fact.sql.ts';
import type { NotifyFaultKind } from '../simulator/wechat-pay/faults.ts';
import {
  booksOf,
  countCalls,
  findBroken,
  forgetOrders,
  openTestJourney,
  orderAndStart,
  pay,
  type TestJourney,
  until,
} from '../testing/journey.ts';
import { sendStolen } from '../testing/stolen-notification.ts';

describe('receiving a notification', () => {
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
      world.wechatPay.control.addFault({ operation: 'notify', kind, times: 1, ms });
      await pay(world, attempt.attemptRef);
      const sent = world.wechatPay.control.traffic().findLast((line) => line.operation === 'notify');
      assert.deepEqual(
        [sent?.status, sent?.note, await findFacts(world.journey.db, 1003, attempt.attemptRef)],
        [401, kind, []],
      );
      assert.equal((await booksOf(world, key)).permit, null);
      await world.timeline.advance(2_000);
      await world.journey.janitor.run();
      assert.equal((await booksOf(world, key)).permit?.attemptRef, attempt.attemptRef);
    }
    assert.deepEqual(
      world.alarms,
      forgeries.map(() => 'notification_rejected'),
    );
  });

  test("WeChat Pay's probe is answered with 401 and wakes nobody", async () => {
    assert.equal(await world.wechatPay.control.probe(`${world.url}/v1/notifications/wechat-pay`), 401);
    assert.deepEqual(world.alarms, []);
  });

  test('the database is gone when the notification comes: 503, nothing acknowledged; the repeat is paid and printed', async () => {
    const { key, attempt } = await orderAndStart(world);
    await withoutDatabase(world.databaseUrl, () => pay(world, attempt.attemptRef));
    const sent = world.wechatPay.control.traffic().findLast((line) => line.operation === 'notify');
    assert.equal(sent?.status, 503);
    await world.timeline.advance(15_000);
    assert.equal((await booksOf(world, key)).permit?.attemptRef, attempt.attemptRef);
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
      [new Set(judged.map((fact) => fact.judgement)), (await booksOf(strict, key)).permit?.attemptRef],
      // The other node asked as well: the answer paid, and what was kept says nothing new.
      [new Set(['known', 'paid']), attempt.attemptRef],
    );
    // The first node was only slow: what it learns in the end changes nothing.
    await strict.timeline.advance(55_000);
    await until(() => countCalls(strict, 'query', attempt.attemptRef) === 2);
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

  test('without confirmation the same words would have been believed: the key is what is trusted', async () => {
    const { key, attempt } = await orderAndStart(world);
    assert.equal(await sendStolen(world, attempt.attemptRef), 204);
    assert.equal((await booksOf(world, key)).order.state, 'paid');
  });

  test('after all of this the rows are in order', async () => {
    for (const one of [world, strict]) assert.deepEqual(await findBroken(one), []);
  });
});
