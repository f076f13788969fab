import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { problemOf, type RefusalName } from '../base/problem.ts';
import { findReports } from '../permit/report.sql.ts';
import type { TerminalReport } from '../terminal/terminal.message.ts';
import { type Answer, get, newKey, post } from '../testing/cloud.ts';
import { readEvents } from '../testing/event-reading.ts';
import {
  booksOf,
  findBroken,
  openTestJourney,
  orderAndStart,
  pay,
  type TestJourney,
  until,
} from '../testing/journey.ts';
import { makeTestTerminal, type TestTerminal } from '../testing/terminal.ts';

describe("the terminal's calls", () => {
  let world: TestJourney;
  let terminal: TestTerminal;
  let neighbour: TestTerminal;
  let stranger: TestTerminal;

  before(async () => {
    world = await openTestJourney();
    const { db, now } = world.journey;
    terminal = await makeTestTerminal(db, 1003, now);
    neighbour = await makeTestTerminal(db, 1004, now);
    stranger = await makeTestTerminal(db, null, now);
  });
  afterEach(() => {
    world.alarms.length = 0;
  });
  after(() => world.stop());

  const feedPath = '/v1/terminal/feed';
  const reportsPath = '/v1/terminal/reports';

  function assertRefused(answer: Answer, name: RefusalName): void {
    assert.equal(answer.json['code'], name, JSON.stringify(answer.json));
    assert.equal(answer.status, problemOf(name).status);
  }

  const follow = (who: TestTerminal, lastEventId?: string) =>
    readEvents(world.url + feedPath, {
      ...who.sign('GET', feedPath),
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    });

  function report(who: TestTerminal, reports: readonly unknown[]): Promise<Answer> {
    const body = JSON.stringify({ reports });
    return post(world.url + reportsPath, body, who.sign('POST', reportsPath, body));
  }

  async function payOne() {
    const { key, attempt } = await orderAndStart(world);
    await pay(world, attempt.attemptRef);
    const { permit } = await booksOf(world, key);
    return { key, permit: permit ?? assert.fail('no permit') };
  }

  const reportOf = (permitId: string, state: TerminalReport['state'], changes: Partial<TerminalReport> = {}) => ({
    reportId: newKey(),
    permitId,
    state,
    reason: null,
    deviceId: 'printer-1',
    deviceRef: null,
    at: new Date(world.timeline.now()).toISOString(),
    ...changes,
  });

  test('a call that is unsigned, of an unknown terminal, signed at a wrong time, for another address or altered is refused by name', async () => {
    const body = JSON.stringify({ reports: [] });
    const feed = (headers: Record<string, string>) => get(world.url + feedPath, headers);
    const send = (text: string, headers: Record<string, string>) => post(world.url + reportsPath, text, headers);
    assertRefused(await feed({}), 'terminal_signature_invalid');
    assertRefused(await send(body, {}), 'terminal_signature_invalid');
    assertRefused(await feed(stranger.sign('GET', feedPath)), 'terminal_unknown');
    assertRefused(await send(body, stranger.sign('POST', reportsPath, body)), 'terminal_unknown');
    for (const skewMs of [-301_000, 301_000]) {
      const now = world.timeline.now();
      const late = await send(body, terminal.sign('POST', reportsPath, body, now + skewMs));
      assertRefused(late, 'terminal_clock_wrong');
      assert.deepEqual(late.json['hint'], { cloudTime: new Date(now).toISOString() });
    }
    const altered = body.replace('[]', '[ ]');
    assertRefused(await send(altered, terminal.sign('POST', reportsPath, body)), 'terminal_signature_invalid');
    assertRefused(await send(body, terminal.sign('POST', feedPath, body)), 'terminal_signature_invalid');
    assertRefused(await feed(terminal.sign('GET', `${feedPath}?station=1004`)), 'terminal_signature_invalid');
    const { 'content-digest': _, ...uncovered } = terminal.sign('POST', reportsPath, body);
    assertRefused(await send(body, uncovered), 'terminal_signature_invalid');
    const stolen = { ...terminal.sign('GET', feedPath), signature: stranger.sign('GET', feedPath)['signature'] ?? '' };
    assertRefused(await feed(stolen), 'terminal_signature_invalid');
  });

  test('reports of a wrong shape are refused whole, and more than five hundred are', async () => {
    const right = reportOf('00000000000000ff', 'printed');
    for (const bad of [
      [{ ...right, state: 'eaten' }],
      [{ ...right, permitId: 'x' }],
      [{ ...right, reportId: '' }],
      Array(501).fill(right),
    ])
      assertRefused(await report(terminal, bad), 'malformed_body');
    const none = await report(terminal, []);
    assert.deepEqual([none.status, none.json], [200, { answers: [] }]);
  });

  test("a terminal hears its own station's log, the whole without a cursor and the rest with one, and another's never", async () => {
    const other = follow(neighbour);
    assert.equal(await other.status, 200);
    const first = follow(terminal);
    const permits = [await payOne(), await payOne(), await payOne()];
    await until(() => first.events.length === 3);
    await first.stop();
    assert.deepEqual(
      first.events.map((event) => event.id),
      ['1', '2', '3'],
    );
    const slips = first.events.map(
      (event) => JSON.parse(event.data) as { kind: string; sequence: number; slip: { permitId: string } },
    );
    assert.deepEqual(
      slips.map(({ kind, sequence, slip }) => [kind, sequence, slip.permitId]),
      permits.map(({ permit }, index) => ['permit.issued', index + 1, permit.permitId]),
    );
    const second = follow(terminal, '2');
    const { permit } = await payOne();
    await until(() => second.events.length === 2);
    assert.deepEqual(
      second.events.map((event) => event.id),
      ['3', '4'],
    );
    assert.ok(second.events[1]?.data.includes(permit.permitId));
    await second.stop();
    assert.equal(other.events.length, 0);
    await other.stop();
  });

  test('a cursor that the log does not have, or that had another permit, is refused by name; the true one is not', async () => {
    const path = world.url + feedPath;
    const ask = (headers: Record<string, string>) => get(path, { ...terminal.sign('GET', feedPath), ...headers });
    assertRefused(await ask({ 'last-event-id': '5' }), 'feed_cursor_ahead');
    assertRefused(await ask({ 'last-event-id': '999999999999999' }), 'feed_cursor_ahead');
    assertRefused(await ask({ 'last-event-id': '3', 'last-event-permit': '00000000000000ff' }), 'feed_log_replaced');
    const whole = follow(terminal);
    await until(() => whole.events.length === 4);
    await whole.stop();
    const third: { slip: { permitId: string }; state: string } = JSON.parse(whole.events[2]?.data ?? '');
    assert.equal(third.state, 'issued');
    const rest = readEvents(path, {
      ...terminal.sign('GET', feedPath),
      'last-event-id': '3',
      'last-event-permit': third.slip.permitId,
    });
    await until(() => rest.events.length === 1);
    await rest.stop();
    assert.equal(rest.events[0]?.id, '4');
  });

  test('a cursor that is none of ours gives the whole log', async () => {
    const whole = follow(terminal, '12; drop table');
    await until(() => whole.events.length === 4);
    await whole.stop();
  });

  test('each report is answered by itself: accepted, repeated, and of a permit that is not of this station', async () => {
    const { key, permit } = await payOne();
    const printed = reportOf(permit.permitId, 'printed');
    const unknown = reportOf('00000000000000ff', 'printed');
    for (let round = 0; round < 2; round += 1) {
      const answer = await report(terminal, [printed, unknown, printed]);
      assert.deepEqual(answer.json, {
        answers: [
          { reportId: printed.reportId, outcome: 'accepted' },
          { reportId: unknown.reportId, outcome: 'report_permit_unknown' },
          { reportId: printed.reportId, outcome: 'accepted' },
        ],
      });
    }
    const foreign = await report(neighbour, [reportOf(permit.permitId, 'undeliverable')]);
    assert.deepEqual((foreign.json['answers'] as { outcome: string }[])[0]?.outcome, 'report_permit_unknown');
    assert.equal((await booksOf(world, key)).order.state, 'fulfilled');
    assert.equal((await findReports(world.journey.db, 1003, permit.permitId)).length, 1);
    assert.deepEqual(world.alarms, []);
  });

  test('what a broken device writes into a report is kept as far as it can be, and its time is believed only where it can be true', async () => {
    const { permit } = await payOne();
    const now = world.timeline.now();
    const times = ['never', '-271821-04-20T00:00:00Z', '+275760-09-13T00:00:00Z', new Date(now - 60_000).toISOString()];
    const reports = times.map((at) =>
      reportOf(permit.permitId, 'sent', { at, reason: 'a\u0000b\ud800', deviceId: '\u0000', deviceRef: '\udfff' }),
    );
    assert.equal((await report(terminal, reports)).status, 200);
    const kept = await findReports(world.journey.db, 1003, permit.permitId);
    assert.deepEqual(
      kept.map((one) => one.reportedAt).toSorted((a, b) => a - b),
      [now - 60_000, now, now, now],
    );
    assert.equal(kept[0]?.reason, 'ab\ufffd');
  });

  test('a terminal that was struck off is refused within a minute', async () => {
    const { db, now } = world.journey;
    const moving = await makeTestTerminal(db, 1004, now);
    assert.equal((await report(moving, [])).status, 200);
    await db.query('delete from terminals where terminal_id = $1', [moving.terminalId]);
    await world.timeline.advance(60_000);
    assertRefused(await report(moving, []), 'terminal_unknown');
  });

  test('after all of this the rows are in order', async () => {
    assert.deepEqual(await findBroken(world), []);
  });
});
