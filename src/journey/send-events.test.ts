import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { systemRandom } from '../base/random.ts';
import type { Database, Transaction } from '../database/database.ts';
import type { OrderKey } from '../order/order.ts';
import { retryAfterMs } from '../outgoing/delivery.ts';
import { findEventLog, findNewestTries, type LogLine, resendEvent } from '../outgoing/delivery.sql.ts';
import { eventKeptMs, outgoingEventTypes, stationOfEvent } from '../outgoing/outgoing-event.ts';
import { outgoingEventMessage } from '../outgoing/outgoing-event.message.ts';
import { createPostEvent, type PostEvent } from '../outgoing/post-event.ts';
import { formatSecret, makeSecret, makeSubscriptionId } from '../outgoing/subscription.ts';
import {
  endSubscription,
  findSubscriptionsToServe,
  insertSubscription,
  listSubscriptions,
  resumeSubscription,
  rotateSecret,
} from '../outgoing/subscription.sql.ts';
import { type Received, type Receiver, silence, startReceiver, status } from '../outgoing/testing/receiver.ts';
import {
  booksOf,
  openTestJourney,
  orderAndStart,
  pay,
  placeOrder,
  type TestJourney,
  until,
} from '../testing/journey.ts';
import { type Books, lockBooks, storeChanges } from './books.ts';
import type { Journey } from './journey.ts';
import { createSendEvents, type SendEvents } from './send-events.ts';

const post = createPostEvent({ loopback: true });

describe('telling the chain', () => {
  let world: TestJourney;
  let receiver: Receiver;
  let sending: SendEvents;
  const receivers: Receiver[] = [];

  before(async () => {
    world = await openTestJourney();
    receiver = await openReceiver();
    sending = openSending(world.journey);
  });
  afterEach(async () => {
    for (const { subscriptionId } of await listSubscriptions(world.journey.db))
      await endSubscription(world.journey.db, subscriptionId);
    await world.journey.subscriptions.refresh();
    await sending.settled();
    receiver.answer = (response) => void response.writeHead(204).end();
    receiver.received.length = 0;
    world.alarms.length = 0;
  });
  after(async () => {
    await world.stop();
    for (const one of receivers) await one.close();
  });

  async function openReceiver(): Promise<Receiver> {
    const one = await startReceiver();
    receivers.push(one);
    return one;
  }

  function openSending(
    node: Journey,
    { db = node.db, by = post }: { readonly db?: Database; readonly by?: PostEvent } = {},
  ): SendEvents {
    return createSendEvents({
      db,
      now: node.now,
      random: systemRandom,
      alarm: (name) => void world.alarms.push(name),
      subscriptions: node.subscriptions,
      post: by,
    });
  }

  type Wish = {
    readonly types?: readonly string[];
    readonly stationNumbers?: readonly number[] | null;
    readonly withPerson?: boolean;
    readonly url?: string;
  };

  async function subscribe(wish: Wish = {}): Promise<{ subscriptionId: string; secret: string }> {
    const secret = makeSecret(systemRandom);
    const subscriptionId = makeSubscriptionId(systemRandom);
    const stored = await insertSubscription(world.journey.db, {
      subscriptionId,
      url: wish.url ?? receiver.url,
      types: wish.types ?? outgoingEventTypes,
      stationNumbers: wish.stationNumbers ?? null,
      withPerson: wish.withPerson ?? false,
      secret,
      madeAt: world.timeline.now(),
    });
    assert.ok(stored);
    await world.journey.subscriptions.refresh();
    return { subscriptionId, secret: formatSecret(secret) };
  }

  async function sendAll(node: SendEvents = sending): Promise<void> {
    await node.begin();
    await node.settled();
  }

  async function payOrder(): Promise<OrderKey> {
    const { key, attempt } = await orderAndStart(world);
    await pay(world, attempt.attemptRef);
    return key;
  }

  async function report(key: OrderKey, state: 'printed' | 'unconfirmed'): Promise<void> {
    const { permit } = await booksOf(world, key);
    assert.ok(permit !== null);
    const now = world.timeline.now();
    await world.journey.recordReport({
      stationNumber: key.stationNumber,
      reportId: randomUUID(),
      permitId: permit.permitId,
      state,
      reason: null,
      deviceId: 'printer-1',
      deviceRef: null,
      reportedAt: now,
      receivedAt: now,
    });
  }

  const read = ({ body }: Received) => outgoingEventMessage.parse(JSON.parse(body));
  const typesOf = (some: readonly Received[]): readonly string[] => some.map((one) => read(one).type);
  const idOf = ({ headers }: Received): string => headers['webhook-id'] ?? '';
  const logOf = (eventId: string): Promise<readonly LogLine[]> =>
    findEventLog(world.journey.db, stationOfEvent(eventId) ?? 0, eventId);
  const stateOf = async (subscriptionId: string) =>
    (await listSubscriptions(world.journey.db)).find((one) => one.subscriptionId === subscriptionId)?.state;

  /** The signature that the specification's own library gives. */
  function signByLibrary(secret: string, { headers, body }: Received): string {
    const at = new Date(Number(headers['webhook-timestamp']) * 1_000);
    return new Webhook(secret).sign(headers['webhook-id'] ?? '', at, body);
  }

  test("an order's events come in their order, each once, and the specification's own library believes them", async () => {
    const { secret } = await subscribe();
    const key = await payOrder();
    await report(key, 'printed');
    await sendAll();
    assert.deepEqual(typesOf(receiver.received), ['order.paid', 'permit.issued', 'permit.printed', 'order.fulfilled']);
    for (const one of receiver.received) {
      assert.deepEqual(new Webhook(secret).verify(one.body, one.headers), JSON.parse(one.body));
      assert.equal(one.headers['content-type'], 'application/json');
      const { order } = read(one).data;
      assert.deepEqual(
        [order.orderId, order.stationNumber, order.grade, order.money, order.currency, order.unit],
        [key.orderId, key.stationNumber, '95', '200.00', 'CNY', 'l'],
      );
    }
    await sendAll();
    assert.equal(receiver.received.length, 4);
  });

  test('nobody is told of types and stations that he did not ask for', async () => {
    await subscribe({ types: ['permit.issued'] });
    await subscribe({ types: ['order.paid'], stationNumbers: [1004] });
    await payOrder();
    await sendAll();
    assert.deepEqual(typesOf(receiver.received), ['permit.issued']);
  });

  test('name, phone and plate go only to a subscription that asked for them, and stand in no row of an event', async () => {
    const other = await openReceiver();
    await subscribe({ types: ['order.paid'] });
    await subscribe({ types: ['order.paid'], url: other.url, withPerson: true });
    await payOrder();
    await sendAll();
    const [plain, personal] = [receiver.received[0], other.received[0]];
    assert.ok(plain !== undefined && personal !== undefined);
    assert.equal(read(plain).data.person, undefined);
    assert.deepEqual(read(personal).data.person, { name: null, phone: null, plate: '京A12345' });
    const rows = await world.journey.db.query<{ data: unknown }>('select data from outgoing_events');
    assert.doesNotMatch(JSON.stringify(rows), /A12345/);
  });

  test('no event bears what would open a gate', async () => {
    await subscribe();
    const key = await payOrder();
    await sendAll();
    const { permit } = await booksOf(world, key);
    assert.ok(permit !== null && receiver.received.length > 0);
    for (const { body } of receiver.received)
      assert.ok(!body.includes(permit.token) && !body.includes(permit.shortCode), body);
  });

  test('where nobody subscribed a step asks the database nothing about events', async () => {
    const statements: string[] = [];
    const node = await world.openNode();
    const key = await placeOrder(world);
    const { db } = node;
    const transaction = db.transaction.bind(db);
    Object.assign(db, {
      transaction: <Result>(work: Parameters<typeof transaction<Result>>[0]) =>
        transaction<Result>((tx) =>
          work({
            ...tx,
            query: (text, values) => {
              statements.push(text);
              return tx.query(text, values);
            },
          }),
        ),
    });
    await node.endOrder(key, 'cancelled');
    assert.ok(statements.some((text) => text.includes('update orders')));
    assert.deepEqual(
      statements.filter((text) => /outgoing_events|event_/.test(text)),
      [],
    );
  });

  test('a change that was rolled back is not told, nor what a node that knows nothing took for wanted', async () => {
    const key = await placeOrder(world);
    const { db } = world.journey;
    const cancel = (tx: Transaction, before: ReadonlyMap<string, Books>): Promise<unknown> => {
      const books = before.get(key.orderId) ?? assert.fail('the order is gone');
      const after = new Map([[key.orderId, { ...books, order: { ...books.order, state: 'cancelled' as const } }]]);
      const changes = { before, after, transfers: [], events: [], facts: [] };
      return storeChanges(tx, changes, world.timeline.now(), () => true);
    };
    const eventsOfOrder = () => db.query('select type from outgoing_events where order_id = $1', [key.orderId]);
    const { subscriptionId } = await subscribe();
    const failed = db.transaction(async (tx) => {
      await cancel(tx, await lockBooks(tx, [key]));
      throw new Error('the batch failed');
    });
    await assert.rejects(failed, /the batch failed/);
    assert.deepEqual(await eventsOfOrder(), []);
    await endSubscription(db, subscriptionId);
    await db.transaction(async (tx) => cancel(tx, await lockBooks(tx, [key])));
    assert.deepEqual(await eventsOfOrder(), []);
    assert.equal((await booksOf(world, key)).order.state, 'cancelled');
  });

  test('an event that nobody takes is tried ten times within four days, under one id and with one body, then given up', async () => {
    const { secret, subscriptionId } = await subscribe({ types: ['order.paid'] });
    receiver.answer = status(500);
    await payOrder();
    await sendAll();
    for (const [index, delayMs] of retryAfterMs.entries()) {
      await world.timeline.advance(delayMs - 1);
      await sendAll();
      assert.equal(receiver.received.length, index + 1, `retry ${index + 1} came too early`);
      await world.timeline.advance(delayMs / 10 + 1);
      await sendAll();
      assert.equal(receiver.received.length, index + 2, `retry ${index + 1} did not come`);
    }
    await world.timeline.advance(2 * 86_400_000);
    await sendAll();
    const [first] = receiver.received;
    assert.ok(first !== undefined && receiver.received.length === 10);
    for (const one of receiver.received) {
      assert.deepEqual([idOf(one), one.body], [idOf(first), first.body]);
      assert.equal(one.headers['webhook-signature'], signByLibrary(secret, one));
    }
    const times = receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']));
    assert.deepEqual(
      [...new Set(times)].toSorted((a, b) => a - b),
      times,
    );
    const log = await logOf(idOf(first));
    assert.deepEqual(
      log.map(({ tryNumber, status, error, state }) => [tryNumber, status, error, state]),
      Array.from({ length: 10 }, (_, index) => [index + 1, 500, null, 'given_up']),
    );
    assert.equal(await stateOf(subscriptionId), 'active');
  });

  test('a delivery that failed once is taken at the next try, and the log tells both', async () => {
    await subscribe({ types: ['order.paid'] });
    receiver.answer = (response) => void response.writeHead(503).end('try later');
    await payOrder();
    await sendAll();
    receiver.answer = (response) => void response.writeHead(200).end('thank you');
    await world.timeline.advance(6_000);
    await sendAll();
    const [one] = receiver.received;
    assert.ok(one !== undefined);
    assert.deepEqual(
      (await logOf(idOf(one))).map(({ status, answer, state }) => [status, answer, state]),
      [
        [503, 'try later', 'delivered'],
        [200, 'thank you', 'delivered'],
      ],
    );
    const { db } = world.journey;
    const [subscription] = await listSubscriptions(db);
    assert.deepEqual([subscription?.failingSince, subscription?.waiting], [null, 0]);
    assert.deepEqual(
      (await findNewestTries(db, subscription?.subscriptionId ?? '', 10)).map(({ status }) => status),
      [200, 503],
    );
  });

  test('a receiver that asks for patience is left alone for as long as it said', async () => {
    await subscribe({ types: ['order.paid'] });
    receiver.answer = status(429, { 'retry-after': '600' });
    await payOrder();
    await sendAll();
    await world.timeline.advance(599_999);
    await sendAll();
    assert.equal(receiver.received.length, 1);
    await world.timeline.advance(1);
    await sendAll();
    assert.equal(receiver.received.length, 2);
  });

  test('an event that is not taken holds back the later ones of its order for 35 minutes, and those of no other order', async () => {
    await subscribe({ types: ['order.paid', 'permit.issued'] });
    const key = await payOrder();
    receiver.answer = (response, one) =>
      void response.writeHead(read(one).data.order.orderId === key.orderId ? 500 : 204).end();
    await payOrder();
    await sendAll();
    await sendAll();
    const tell = () =>
      receiver.received.map((one) => `${read(one).type} ${read(one).data.order.orderId === key.orderId}`);
    assert.deepEqual(tell().toSorted(), ['order.paid false', 'order.paid true', 'permit.issued false']);
    // What is held is put off with the one that holds it: nothing is due, and no node looks for it in vain.
    assert.deepEqual(await findSubscriptionsToServe(world.journey.db, world.timeline.now()), []);
    for (const delayMs of [5_000, 300_000]) {
      await world.timeline.advance(delayMs * 1.1);
      await sendAll();
    }
    assert.equal(tell().filter((one) => one === 'permit.issued true').length, 0);
    await world.timeline.advance(1_800_000 * 1.1);
    await sendAll();
    await sendAll();
    assert.equal(tell().filter((one) => one === 'permit.issued true').length, 1);
  });

  test('two nodes at once send each event once', async () => {
    await subscribe();
    const other = openSending(await world.openNode());
    const keys = await Promise.all(Array.from({ length: 8 }, () => payOrder()));
    await Promise.all(Array.from({ length: 5 }, () => Promise.all([sendAll(), sendAll(other)])));
    await Promise.all([sendAll(), sendAll(other)]);
    assert.equal(receiver.received.length, 2 * keys.length);
    assert.equal(new Set(receiver.received.map(idOf)).size, 2 * keys.length);
    for (const key of keys)
      assert.deepEqual(
        receiver.received.filter((one) => read(one).data.order.orderId === key.orderId).map((one) => read(one).type),
        ['order.paid', 'permit.issued'],
      );
  });

  test('a node that dies between sending and writing that down leads to a second sending under the same id, once its lease is over', async () => {
    await subscribe({ types: ['order.paid'] });
    await payOrder();
    const { db } = world.journey;
    const dying = openSending(world.journey, {
      db: { ...db, transaction: () => Promise.reject(new Error('the node is gone')) },
    });
    await sendAll(dying);
    assert.deepEqual([receiver.received.length, world.alarms], [1, ['events_unsent']]);
    await world.timeline.advance(59_999);
    await sendAll();
    assert.equal(receiver.received.length, 1);
    await world.timeline.advance(1);
    await sendAll();
    const [first, second] = receiver.received;
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual([idOf(second), second.body], [idOf(first), first.body]);
    await world.timeline.advance(86_400_000);
    await sendAll();
    assert.equal(receiver.received.length, 2);
  });

  test('what a node writes down after its lease was over undoes nothing', async () => {
    await subscribe({ types: ['order.paid'] });
    await payOrder();
    const [taken, late] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const slow = openSending(world.journey, {
      by: async () => {
        taken.resolve(undefined);
        await late.promise;
        return { kind: 'failed', error: 'timeout' };
      },
    });
    await slow.begin();
    await taken.promise;
    await world.timeline.advance(60_000);
    await sendAll();
    late.resolve(undefined);
    await slow.settled();
    const [one] = receiver.received;
    assert.ok(one !== undefined);
    assert.deepEqual(
      (await logOf(idOf(one))).map(({ state, status, error }) => [state, status, error]),
      [
        ['delivered', 204, null],
        ['delivered', null, 'timeout'],
      ],
    );
  });

  test('for a day after a rotation the old secret signs beside the new one, then the new one alone', async () => {
    const { subscriptionId, secret } = await subscribe({ types: ['order.paid'] });
    const fresh = makeSecret(systemRandom);
    await rotateSecret(world.journey.db, subscriptionId, fresh, world.timeline.now());
    const sendOne = async (): Promise<Received> => {
      await payOrder();
      await sendAll();
      return receiver.received.at(-1) ?? assert.fail('nothing came');
    };
    const during = await sendOne();
    assert.equal(
      during.headers['webhook-signature'],
      `${signByLibrary(formatSecret(fresh), during)} ${signByLibrary(secret, during)}`,
    );
    await world.timeline.advance(86_400_000);
    const later = await sendOne();
    assert.equal(later.headers['webhook-signature'], signByLibrary(formatSecret(fresh), later));
  });

  test('410 disables a subscription with an alarm; resumed, it gets what waited for it and nothing of the time between', async () => {
    const { subscriptionId } = await subscribe({ types: ['order.paid'] });
    receiver.answer = status(410);
    const waiting = await payOrder();
    await sendAll();
    assert.deepEqual([await stateOf(subscriptionId), world.alarms], ['disabled', ['event_subscription_disabled']]);
    await world.journey.subscriptions.refresh();
    await payOrder();
    receiver.answer = status(204);
    receiver.received.length = 0;
    await world.timeline.advance(86_400_000);
    await sendAll();
    assert.equal(receiver.received.length, 0);
    assert.ok(await resumeSubscription(world.journey.db, subscriptionId));
    await world.journey.subscriptions.refresh();
    await sendAll();
    assert.deepEqual(
      receiver.received.map((one) => read(one).data.order.orderId),
      [waiting.orderId],
    );
  });

  test('a subscription that took nothing for five days is disabled with an alarm; one that took something in between is not', async () => {
    const dead = await subscribe({ types: ['order.cancelled'] });
    const shaky = await subscribe({ types: ['order.paid'] });
    const cancelOne = async (): Promise<void> =>
      void (await world.journey.endOrder(await placeOrder(world), 'cancelled'));
    receiver.answer = status(500);
    for (let day = 0; day < 5; day += 1) {
      receiver.answer = (response, one) =>
        void response.writeHead(day === 2 && read(one).type === 'order.paid' ? 204 : 500).end();
      await cancelOne();
      await payOrder();
      await sendAll();
      assert.deepEqual([await stateOf(dead.subscriptionId), world.alarms], ['active', []], `day ${day}`);
      await world.timeline.advance(86_400_000);
    }
    await cancelOne();
    await payOrder();
    await sendAll();
    assert.deepEqual([await stateOf(dead.subscriptionId), await stateOf(shaky.subscriptionId)], ['disabled', 'active']);
    assert.deepEqual(world.alarms, ['event_subscription_disabled']);
  });

  test('a receiver that does not answer keeps no other waiting', async () => {
    const mute = await openReceiver();
    mute.answer = silence;
    const { subscriptionId } = await subscribe({ types: ['order.paid'], url: mute.url });
    await subscribe({ types: ['order.paid'] });
    await payOrder();
    const impatient = openSending(world.journey, { by: createPostEvent({ loopback: true, timeoutMs: 1_000 }) });
    await impatient.begin();
    await until(() => receiver.received.length === 1 && mute.received.length === 1);
    await payOrder();
    await impatient.begin();
    await until(() => receiver.received.length === 2);
    assert.equal(mute.received.length, 1);
    await impatient.settled();
    assert.deepEqual(
      (await findNewestTries(world.journey.db, subscriptionId, 10)).map(({ error }) => error),
      ['timeout'],
    );
  });

  test('a node that stops takes nothing more, and waits for what it has begun', async () => {
    await subscribe({ types: ['order.paid'] });
    const answered = Promise.withResolvers<undefined>();
    const leaving = openSending(world.journey, {
      by: async (message) => {
        await answered.promise;
        return post(message);
      },
    });
    await Promise.all(Array.from({ length: 17 }, () => payOrder()));
    await leaving.begin();
    const stopped = leaving.stop();
    answered.resolve(undefined);
    await stopped;
    assert.equal(receiver.received.length, 16);
    await leaving.begin();
    await leaving.settled();
    assert.equal(receiver.received.length, 16);
    await sendAll();
    assert.equal(receiver.received.length, 17);
  });

  test('an event can be sent again, delivered or not, and the log counts on', async () => {
    await subscribe({ types: ['order.paid'] });
    await payOrder();
    await sendAll();
    const [one] = receiver.received;
    assert.ok(one !== undefined);
    const { db } = world.journey;
    const stationNumber = stationOfEvent(idOf(one)) ?? 0;
    assert.equal((await resendEvent(db, stationNumber, idOf(one), world.timeline.now())).length, 1);
    await sendAll();
    assert.deepEqual(receiver.received.map(idOf), [idOf(one), idOf(one)]);
    assert.deepEqual(
      (await logOf(idOf(one))).map(({ tryNumber }) => tryNumber),
      [1, 2],
    );
    assert.deepEqual(await resendEvent(db, stationNumber, `${idOf(one).slice(0, -1)}-`, world.timeline.now()), []);
  });

  test('a subscription that ended gets nothing more, and what waited for it is dropped', async () => {
    const { subscriptionId } = await subscribe({ types: ['order.paid'] });
    await payOrder();
    assert.ok(await endSubscription(world.journey.db, subscriptionId));
    await payOrder();
    await sendAll();
    assert.equal(receiver.received.length, 0);
    const rows = await world.journey.db.query(
      'select state, next_try_at from event_deliveries where subscription_id = $1',
      [subscriptionId],
    );
    assert.deepEqual(rows, [{ state: 'dropped', next_try_at: null }]);
    assert.ok(!(await endSubscription(world.journey.db, subscriptionId)));
    assert.ok(!(await rotateSecret(world.journey.db, subscriptionId, makeSecret(systemRandom), world.timeline.now())));
  });

  test('events, deliveries and their log are gone after thirty days, and not before', async () => {
    await subscribe({ types: ['order.paid'] });
    await payOrder();
    await sendAll();
    const [one] = receiver.received;
    assert.ok(one !== undefined);
    await world.timeline.advance(eventKeptMs);
    await sendAll();
    assert.equal((await logOf(idOf(one))).length, 1);
    await world.timeline.advance(60_000);
    await sendAll();
    const { db } = world.journey;
    for (const table of ['outgoing_events', 'event_deliveries', 'event_delivery_tries'])
      assert.deepEqual(await db.query(`select event_id from ${table} where event_id = $1`, [idOf(one)]), [], table);
  });
});
