import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { OrderKey } from '../order/order.ts';
import type { Permit } from '../permit/permit.ts';
import { findReports, type PermitReport } from '../permit/report.sql.ts';
import type { StationEvent } from '../station/station-feed.sql.ts';
import { newKey } from '../testing/cloud.ts';
import {
  booksOf,
  findBroken,
  openTestJourney,
  pay,
  placeOrder,
  samplePrice,
  startPaying,
  type TestJourney,
  until,
} from '../testing/journey.ts';
import type { Journey } from './journey.ts';

describe('delivering a permit', () => {
  let world: TestJourney;

  before(async () => {
    world = await openTestJourney();
  });
  afterEach(() => {
    world.alarms.length = 0;
  });
  after(() => world.stop());

  async function payAt(stationNumber: number): Promise<{ key: OrderKey; permit: Permit }> {
    const grade = stationNumber === 1003 ? '95' : '92';
    const key = await placeOrder(world, {
      stationNumber,
      grade,
      pump: 1,
      priceSeen: samplePrice(stationNumber, grade),
    });
    const attempt = await startPaying(world, key);
    await pay(world, attempt.attemptRef);
    const { permit } = await booksOf(world, key);
    return { key, permit: permit ?? assert.fail(`order ${key.orderId} has no permit`) };
  }

  type Listener = { readonly heard: StationEvent[]; stop(): void };

  function listen(journey: Journey, stationNumber: number, after: number): Listener {
    const heard: StationEvent[] = [];
    const follower = journey.feeds.follow(
      stationNumber,
      after,
      (event) => void heard.push(event),
      (error) => assert.fail(String(error)),
    );
    return { heard, stop: () => follower.stop() };
  }

  async function lastSequence(stationNumber: number): Promise<number> {
    const [row] = await world.journey.db.query<{ last: number }>(
      'select coalesce(max(sequence), 0) as last from station_events where station_number = $1',
      [stationNumber],
    );
    return row?.last ?? 0;
  }

  const sequencesOf = ({ heard }: Listener): readonly number[] => heard.map((event) => event.sequence);
  const upTo = (last: number, from = 0): readonly number[] =>
    Array.from({ length: last - from }, (_, i) => from + i + 1);
  const permitIdOf = ({ body }: StationEvent): string =>
    String((body['slip'] as { permitId: string } | undefined)?.permitId);

  test('many orders of three stations are paid at once: each terminal hears of its own, in order, without a gap, each once', async () => {
    const stations = [1003, 1004, 1005];
    const listeners = stations.flatMap((number) => [
      listen(world.journey, number, 0),
      listen(world.journey, number, 0),
    ]);
    const paid = await Promise.all(Array.from({ length: 30 }, (_, index) => payAt(stations[index % 3] ?? 1003)));
    for (const [index, listener] of listeners.entries()) {
      const stationNumber = stations[Math.floor(index / 2)] ?? 0;
      const last = await lastSequence(stationNumber);
      await until(() => listener.heard.length >= last);
      listener.stop();
      assert.deepEqual(sequencesOf(listener), upTo(last));
      assert.deepEqual(
        listener.heard.map(permitIdOf).sort(),
        paid
          .filter(({ key }) => key.stationNumber === stationNumber)
          .map(({ permit }) => permit.permitId)
          .sort(),
      );
    }
  });

  test('a terminal that comes back hears the rest, from where it was, each event once', async () => {
    const from = await lastSequence(1003);
    const first = listen(world.journey, 1003, from);
    await payAt(1003);
    await until(() => first.heard.length === 1);
    first.stop();
    await payAt(1003);
    await payAt(1003);
    assert.equal(first.heard.length, 1);
    const second = listen(world.journey, 1003, from + 1);
    await until(() => second.heard.length === 2);
    await payAt(1003);
    await until(() => second.heard.length === 3);
    second.stop();
    assert.deepEqual(sequencesOf(second), upTo(from + 4, from + 1));
  });

  test('an event whose signal was lost is heard at the next sweep, and in its place', async () => {
    const deaf = await world.openNode();
    const from = await lastSequence(1004);
    const listener = listen(deaf, 1004, from);
    await deaf.feeds.sweep();
    await payAt(1004);
    await payAt(1004);
    assert.deepEqual(sequencesOf(listener), []);
    await deaf.feeds.sweep();
    assert.deepEqual(sequencesOf(listener), upTo(from + 2, from));
    await deaf.feeds.sweep();
    assert.equal(listener.heard.length, 2);
    listener.stop();
  });

  test('a signal for a later event than the one expected makes the missing one be read first', async () => {
    const deaf = await world.openNode();
    const from = await lastSequence(1005);
    const listener = listen(deaf, 1005, from);
    await deaf.feeds.sweep();
    await payAt(1005);
    await payAt(1005);
    deaf.signal.tell({ orderIds: [], events: [{ stationNumber: 1005, sequence: from + 2, body: {} }] });
    await until(() => listener.heard.length === 2);
    listener.stop();
    assert.deepEqual(sequencesOf(listener), upTo(from + 2, from));
    assert.ok(listener.heard.every((event) => event.body['kind'] === 'permit.issued'));
  });

  const reportOf = (
    permit: Permit,
    state: PermitReport['state'],
    changes: Partial<PermitReport> = {},
  ): PermitReport => ({
    stationNumber: permit.stationNumber,
    reportId: newKey(),
    permitId: permit.permitId,
    state,
    reason: null,
    deviceId: 'printer-1',
    deviceRef: null,
    reportedAt: world.timeline.now(),
    receivedAt: world.timeline.now(),
    ...changes,
  });

  test('the order is fulfilled when the device says printed, and "sent" is another word', async () => {
    const { key, permit } = await payAt(1003);
    assert.equal(await world.journey.recordReport(reportOf(permit, 'sent')), 'accepted');
    assert.deepEqual(
      [(await booksOf(world, key)).order.state, (await booksOf(world, key)).permit?.state],
      ['paid', 'sent'],
    );
    assert.equal(await world.journey.recordReport(reportOf(permit, 'printed')), 'accepted');
    const { order, permit: printed } = await booksOf(world, key);
    assert.deepEqual([order.state, printed?.state], ['fulfilled', 'printed']);
  });

  test('reports repeated, late and out of order never take "printed" back', async () => {
    const { key, permit } = await payAt(1003);
    const printed = reportOf(permit, 'printed');
    const late = (['sent', 'unconfirmed', 'undeliverable', 'processed'] as const).map((state) =>
      reportOf(permit, state),
    );
    const outcomes = [await world.journey.recordReport(printed)];
    outcomes.push(...(await Promise.all([...late, printed, printed, ...late].map(world.journey.recordReport))));
    assert.deepEqual(new Set(outcomes), new Set(['accepted']));
    const { order, permit: after } = await booksOf(world, key);
    assert.deepEqual([order.state, after?.state], ['fulfilled', 'printed']);
    assert.equal((await findReports(world.journey.db, 1003, permit.permitId)).length, 5);
  });

  test('an unconfirmed permit is told to a person, once though the report comes three times, and a late "printed" settles it', async () => {
    const { key, permit } = await payAt(1003);
    const report = reportOf(permit, 'unconfirmed', { reason: 'no-answer' });
    await Promise.all([world.journey.recordReport(report), world.journey.recordReport(report)]);
    await world.journey.recordReport(report);
    assert.deepEqual(world.alarms, ['permit_unconfirmed']);
    const unconfirmed = await booksOf(world, key);
    assert.deepEqual([unconfirmed.order.state, unconfirmed.permit?.state], ['paid', 'unconfirmed']);
    await world.journey.recordReport(reportOf(permit, 'printed'));
    assert.equal((await booksOf(world, key)).order.state, 'fulfilled');
  });

  test('a permit that no device can issue is told to a person and stays deliverable', async () => {
    const { key, permit } = await payAt(1003);
    await world.journey.recordReport(reportOf(permit, 'undeliverable', { reason: 'paper-empty' }));
    assert.deepEqual(world.alarms, ['permit_undeliverable']);
    await world.journey.recordReport(reportOf(permit, 'printed'));
    assert.equal((await booksOf(world, key)).permit?.state, 'printed');
  });

  test('a doubt that comes after the paper, or after another doubt, wakes nobody', async () => {
    const { permit } = await payAt(1003);
    await world.journey.recordReport(reportOf(permit, 'printed'));
    await world.journey.recordReport(reportOf(permit, 'unconfirmed', { reason: 'no-answer' }));
    await world.journey.recordReport(reportOf(permit, 'undeliverable', { reason: 'expired' }));
    assert.deepEqual(world.alarms, []);
    const second = await payAt(1003);
    await world.journey.recordReport(reportOf(second.permit, 'unconfirmed'));
    await world.journey.recordReport(reportOf(second.permit, 'unconfirmed'));
    assert.deepEqual(world.alarms, ['permit_unconfirmed']);
  });

  test('an event read from the log bears the present state of its permit, and sent fresh it is never taken for an old one', async () => {
    const from = await lastSequence(1004);
    const fresh = listen(world.journey, 1004, from);
    const [printed] = [await payAt(1004), await payAt(1004)];
    await until(() => fresh.heard.length === 2);
    fresh.stop();
    assert.ok(fresh.heard.every(({ body }) => (body['state'] ?? 'issued') === 'issued'));
    await world.journey.recordReport(reportOf(printed.permit, 'sent'));
    await world.journey.recordReport(reportOf(printed.permit, 'printed'));
    const late = listen(world.journey, 1004, from);
    await until(() => late.heard.length === 2);
    late.stop();
    assert.deepEqual(
      late.heard.map(({ body }) => body['state']),
      ['printed', 'issued'],
    );
  });

  test("a report of an unknown permit, or of another station's, is refused and changes nothing, and its neighbours count", async () => {
    const { key, permit } = await payAt(1003);
    const outcomes = await Promise.all([
      world.journey.recordReport(reportOf(permit, 'printed', { stationNumber: 1004 })),
      world.journey.recordReport(reportOf(permit, 'printed', { permitId: '00000000000000ff' })),
      world.journey.recordReport(reportOf(permit, 'sent')),
    ]);
    assert.deepEqual(outcomes, ['report_permit_unknown', 'report_permit_unknown', 'accepted']);
    assert.equal((await booksOf(world, key)).permit?.state, 'sent');
  });

  test('after all of this the rows are in order', async () => {
    assert.deepEqual(await findBroken(world), []);
  });
});
