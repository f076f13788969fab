import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { minuteMs } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import type { DeviceResult } from '../device/device.ts';
import { startTerminal, type Terminal, type TerminalLimits } from './terminal.ts';
import { openTerminalKey } from './terminal-key.ts';
import { createPaper, type Paper } from './testing/paper.ts';
import { sampleSlip } from './testing/sample-slip.ts';
import { answerProblem, formatEvent, openFeed, startWireCloud, type WireCloud } from './testing/wire-cloud.ts';

const quick: TerminalLimits = {
  link: { retry: { firstMs: 1, maxMs: 5 }, silenceMsMax: 5_000, steadyMs: 60_000, refusedRetryMs: 5 },
  reports: { retry: { firstMs: 1, maxMs: 5 }, answerMsMax: 5_000 },
  printRetry: { firstMs: 1, maxMs: 5 },
  journalKeptMs: 60_000,
};

let now = 0;
let folder = '';
let cloud: WireCloud;
let paper: Paper;
let terminal: Terminal | null = null;
let said: string[] = [];
const clock = () => now;

beforeEach(async () => {
  now = 1_800_000_000_000;
  said = [];
  folder = mkdtempSync(join(tmpdir(), 'forecourt-terminal-'));
  cloud = await startWireCloud(clock);
  paper = createPaper(clock);
  const { terminalId, publicKey } = await openTerminalKey(folder);
  cloud.enrol(terminalId, publicKey);
});
afterEach(async () => {
  await terminal?.stop();
  terminal = null;
  await cloud.close();
  rmSync(folder, { recursive: true });
});

async function start(limits: TerminalLimits = quick): Promise<Terminal> {
  const say = (fields: object, text: string) => void said.push(`${text} ${JSON.stringify(fields)}`);
  const log = { info: say, warn: say, error: say };
  terminal = await startTerminal({
    folder,
    cloudUrl: cloud.url,
    device: paper,
    clock,
    random: systemRandom,
    fetch,
    log,
    limits,
  });
  return terminal;
}

const idOf = (number: number) => number.toString(16).padStart(16, '0');
const idsOf = (...numbers: number[]) => numbers.map(idOf);
const issue = (...numbers: number[]) => numbers.forEach((number) => cloud.issue(sampleSlip(number, now)));
const eventOf = (sequence: number) =>
  formatEvent(sequence, JSON.stringify({ sequence, kind: 'permit.issued', slip: sampleSlip(sequence, now) }));
const statesAre = (number: number, ...states: string[]) =>
  cloud.until(() => cloud.states(idOf(number)).join() === states.join(), `permit ${number} is ${states.join()}`);
const printed = (...numbers: number[]) =>
  cloud.until(
    () => numbers.every((number) => cloud.states(idOf(number)).includes('printed')),
    `${numbers.join()} are printed`,
  );
const untilSettled = async (status: Terminal['status']) => {
  while (status().reports > 0) await setImmediate();
};
const failed = (reason: string): Pick<DeviceResult, 'state' | 'reason'> => ({ state: 'failed', reason });

test('permits that the cloud issues are printed in order, once, and reported as sent and as printed', async () => {
  await start();
  issue(1, 2, 3);
  await printed(1, 2, 3);
  issue(4);
  await statesAre(4, 'sent', 'printed');
  assert.deepEqual(paper.submitted, idsOf(1, 2, 3, 4));
  assert.deepEqual(new Set(cloud.reports.map((report) => report.reportId)).size, 8);
  assert.deepEqual(cloud.cursors, ['0']);
});

test('a report says which device, under which name of its own, and when', async () => {
  await start();
  issue(1);
  await printed(1);
  const report = cloud.reports.find(({ state }) => state === 'printed');
  assert.deepEqual(
    { ...report, reportId: '' },
    {
      reportId: '',
      permitId: idOf(1),
      state: 'printed',
      reason: null,
      deviceId: 'printer-1',
      deviceRef: 'job-1',
      at: new Date(now).toISOString(),
    },
  );
});

test('what was issued while the line was cut is caught up from the cursor', async () => {
  await start();
  issue(1);
  await printed(1);
  cloud.feedAnswers.push(
    (response) => response.writeHead(502).end('<html>'),
    (response) => response.destroy(),
  );
  issue(2);
  cloud.cut();
  issue(3, 4);
  await printed(2, 3, 4);
  assert.deepEqual(paper.submitted, idsOf(1, 2, 3, 4));
  assert.ok(cloud.cursors.length >= 4, cloud.cursors.join());
});

test('after a gap the terminal asks again from its cursor and prints each permit once, in order', async () => {
  cloud.feedAnswers.push((response) => openFeed(response).write(eventOf(1) + eventOf(3)));
  issue(1, 2, 3);
  await start();
  await printed(1, 2, 3);
  assert.deepEqual(cloud.cursors, ['0', '1']);
  assert.deepEqual(paper.submitted, idsOf(1, 2, 3));
  assert.match(said.join('\n'), /event 3 came where 2 was due/);
});

test('an event that the cloud repeats is printed once', async () => {
  cloud.feedAnswers.push((response) => openFeed(response).end(eventOf(1) + eventOf(1) + eventOf(2) + eventOf(1)));
  issue(1, 2, 3);
  await start();
  await printed(1, 2, 3);
  assert.deepEqual(paper.submitted, idsOf(1, 2, 3));
  assert.deepEqual(cloud.cursors, ['0', '2']);
});

test('pages, errors, garbage, foreign events and endless lines are no feed, and the next connection is', async () => {
  cloud.feedAnswers.push(
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>please log in</html>'),
    (response) => response.writeHead(500).end(),
    (response) => openFeed(response).end('\0\xff garbage\r\r: not a field\n\n'),
    (response) => openFeed(response).write('data: hello\n\n'),
    (response) => openFeed(response).write(`${eventOf(1)}id: x\ndata: {}\n\n${eventOf(2)}`),
    (response) => openFeed(response).write('x'.repeat(70_000)),
    (response) => openFeed(response).end(eventOf(2).slice(0, -1)),
  );
  issue(1, 2);
  await start();
  await printed(1, 2);
  assert.deepEqual(cloud.cursors, ['0', '0', '0', '0', '0', '1', '1', '1']);
  assert.deepEqual(paper.submitted, idsOf(1, 2));
});

test('an event that the terminal cannot read is reported and holds up no other', async () => {
  cloud.append(JSON.stringify({ sequence: 1, kind: 'permit.issued', slip: { permitId: idOf(1), receipt: 'torn' } }));
  cloud.append('no JSON at all');
  issue(3);
  cloud.append(JSON.stringify({ sequence: 4, kind: 'permit.issued', slip: sampleSlip(3, now) }));
  await start();
  await printed(3);
  await statesAre(1, 'undeliverable');
  assert.deepEqual(paper.submitted, idsOf(3));
});

test('a line without any byte is taken for dead and opened again', async () => {
  cloud.feedAnswers.push((response) => openFeed(response).write(':\n\n'));
  await start({ ...quick, link: { ...quick.link, silenceMsMax: 40 } });
  await cloud.until(() => cloud.cursors.length >= 2, 'a second feed is asked for');
  assert.match(said.join('\n'), /silent for 40 ms/);
});

test('a terminal that is not enrolled says so plainly, and goes on when it is', async () => {
  const other = mkdtempSync(join(tmpdir(), 'forecourt-terminal-'));
  rmSync(folder, { recursive: true });
  folder = other;
  const { terminalId, publicKey } = await start();
  await cloud.until(() => said.some((line) => line.includes('refuses this terminal')), 'the refusal is logged');
  assert.match(said.join('\n'), /the cloud refuses this terminal .*terminal_unknown/);
  cloud.enrol(terminalId, publicKey);
  issue(1);
  await printed(1);
});

test('paper that is empty is waited for; the cloud hears why, and the permit is printed once when there is paper', async () => {
  paper.answers.push(failed('paper-empty'), failed('paper-empty'), failed('cover-open'));
  await start();
  issue(1);
  await printed(1);
  await statesAre(1, 'sent', 'sent', 'sent', 'printed');
  assert.deepEqual(
    cloud.reports.map((report) => report.reason),
    [null, 'paper-empty', 'cover-open', null],
  );
});

test('what may be on paper is never printed again by itself', async () => {
  paper.answers.push(failed('paper-empty-mid'), { state: 'unconfirmed', reason: 'no-answer' });
  const { status } = await start();
  issue(1, 2, 3);
  await printed(3);
  await statesAre(1, 'sent', 'unconfirmed');
  await statesAre(2, 'sent', 'unconfirmed');
  assert.deepEqual(paper.submitted, idsOf(1, 2, 3));
  assert.equal(status().unconfirmed, 2);
});

test('a permit that is revoked while it waits is not printed, and the cloud is told', async () => {
  const { promise, resolve } = Promise.withResolvers<Pick<DeviceResult, 'state' | 'reason'>>();
  paper.answers.push(() => promise);
  await start();
  issue(1, 2, 3);
  cloud.revoke(idOf(2));
  await statesAre(2, 'sent', 'undeliverable');
  resolve({ state: 'processed', reason: null });
  await printed(3);
  await statesAre(1, 'sent', 'processed');
  assert.deepEqual(paper.submitted, idsOf(1, 3));
});

test('a permit whose time is over before the printer can is not printed, and the cloud is told why', async () => {
  paper.answers.push(failed('disconnect'), () => {
    now += 30 * minuteMs;
    return failed('disconnect');
  });
  await start();
  issue(1);
  await statesAre(1, 'sent', 'sent', 'undeliverable');
  assert.equal(cloud.reports.at(-1)?.reason, 'expired: disconnect');
  cloud.issue(sampleSlip(2, now));
  await printed(2);
  assert.deepEqual(paper.submitted, idsOf(1, 1, 2));
});

test('reports are sent, the same ones, until the cloud answers them', async () => {
  cloud.reportAnswers.push(
    (response) => response.writeHead(503).end(),
    (response) => response.destroy(),
    (response) => response.writeHead(404).end('no such page'),
    (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"answers":[]}'),
    (response) => answerProblem(response, 'terminal_clock_wrong'),
  );
  const { status } = await start();
  issue(1);
  await printed(1);
  await untilSettled(status);
  const ids = cloud.reports.filter((report) => report.state === 'sent').map((report) => report.reportId);
  assert.ok(ids.length >= 6);
  assert.equal(new Set(ids).size, 1);
});

test('a report that the cloud refuses is logged and sent no more, its neighbours are accepted', async () => {
  cloud.outcomeOf = (report) => (report.permitId === idOf(1) ? 'report_permit_unknown' : 'accepted');
  await start();
  issue(1);
  await statesAre(1, 'sent', 'printed');
  issue(2);
  await statesAre(2, 'sent', 'printed');
  assert.equal(cloud.reports.filter((report) => report.permitId === idOf(1)).length, 2);
  assert.match(said.join('\n'), /the cloud refused a report .*report_permit_unknown/);
});

test('a batch that is refused whole goes again one by one, and only the bad one is given up', async () => {
  const refuseBad = (response: Parameters<typeof answerProblem>[0]) => answerProblem(response, 'malformed_body');
  cloud.reportAnswers.push(refuseBad, refuseBad);
  const { status } = await start();
  issue(1, 2);
  await printed(2);
  await untilSettled(status);
  const refused = said.filter((line) => line.includes('refused a report'));
  assert.equal(refused.length, 1);
  assert.equal(cloud.reports[0]?.permitId, idOf(1));
});

test('stopping waits for the slip at the printer, and its report goes out at the next start', async () => {
  const { promise, resolve } = Promise.withResolvers<Pick<DeviceResult, 'state' | 'reason'>>();
  paper.answers.push(() => promise);
  const first = await start();
  issue(1, 2);
  await cloud.until(() => cloud.states(idOf(2)).length === 1, 'both are journaled');
  const stopping = first.stop();
  resolve({ state: 'printed', reason: null });
  await stopping;
  assert.deepEqual(paper.submitted, idsOf(1));
  await start();
  await printed(1, 2);
  assert.deepEqual(paper.submitted, idsOf(1, 2));
});

test('two thousand missed events are caught up and kept in order', async () => {
  const { promise, resolve } = Promise.withResolvers<Pick<DeviceResult, 'state' | 'reason'>>();
  paper.answers.push(() => promise);
  const missed = 2_000;
  issue(...Array.from({ length: missed }, (_, index) => index + 1));
  const { status } = await start();
  await cloud.until(() => cloud.states(idOf(missed)).includes('sent'), 'the last one is journaled');
  assert.equal(status().lastSequence, missed);
  assert.equal(status().waiting, missed - 1);
  const ending = terminal?.stop();
  resolve({ state: 'printed', reason: null });
  await ending;
});

test('a box with an empty journal prints only what nobody has taken yet', async () => {
  for (const [index, state] of (['printed', 'processed', 'revoked', 'redeemed', 'sent'] as const).entries())
    cloud.issue(sampleSlip(index + 1, now), state);
  issue(6);
  await start();
  await printed(6);
  await statesAre(5, 'unconfirmed');
  assert.deepEqual(paper.submitted, idsOf(6));
  assert.deepEqual(cloud.states(idOf(1)), []);
});

test('a log that ends before the cursor is told as an error, read anew, and its new permits are printed, the old ones not again', async () => {
  await start();
  issue(1, 2, 3);
  await printed(1, 2, 3);
  cloud.restore(1);
  await cloud.until(
    () => cloud.cursors.at(-1) === '0' && cloud.cursors.length > 1,
    'the log is asked for from its beginning',
  );
  issue(4);
  await printed(4);
  assert.deepEqual(paper.submitted, idsOf(1, 2, 3, 4));
  assert.match(said.join('\n'), /the cloud's log is not the one .*feed_cursor_ahead/);
});

test('a log that was put back and has grown past the cursor since loses no permit', async () => {
  const first = await start();
  issue(1, 2);
  await printed(1, 2);
  await first.stop();
  cloud.restore(0);
  issue(3, 4, 5);
  await start();
  await printed(3, 4, 5);
  assert.deepEqual(paper.submitted, idsOf(1, 2, 3, 4, 5));
  assert.match(said.join('\n'), /feed_log_replaced/);
});

test('a folder belongs to one terminal: a second start on it is refused', async () => {
  await start();
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const again = { folder, cloudUrl: cloud.url, device: paper, clock, random: systemRandom, fetch, log };
  await assert.rejects(startTerminal(again), /in use by another terminal/);
});
