import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { formatInstant } from '../base/clock.ts';
import { openDatabase } from '../database/database.ts';
import { bookFee, bookPaid, bookSale, type Transfer } from '../payment/ledger.ts';
import { insertTransfers } from '../payment/ledger.sql.ts';
import { readCsv } from '../station/import/csv.ts';
import { runForecourt, runInProcess, startForecourt } from '../testing/command.ts';
import { testDatabaseUrl } from '../testing/database.ts';
import { booksOf, openTestJourney, orderAndStart, pay, type TestJourney } from '../testing/journey.ts';
import { UsageError } from './command.ts';
import { command as exportCommand } from './ledger-export.ts';
import { command as balanceCommand } from './ledger-balance.ts';
import { command as orderCommand } from './ledger-order.ts';

const day = Date.parse('2026-11-21T00:00:00Z');
const booking = (stationNumber: number, orderId: string, madeAt: number) => ({
  stationNumber,
  orderId,
  amountMinor: 20_000,
  currency: 'CNY',
  madeAt,
});

async function ledgerWith(transfers: readonly Transfer[]): Promise<string> {
  const url = await testDatabaseUrl();
  const db = openDatabase({ url, connectionsMax: 1 });
  await db.transaction((tx) => insertTransfers(tx, transfers));
  await db.close();
  return url;
}

describe('forecourt ledger balance', () => {
  const transfers = [
    bookPaid(booking(1003, 'ORDER1', day), 'alipay', 'A1'),
    bookSale(booking(1003, 'ORDER1', day + 60_000)),
    bookPaid({ ...booking(1004, 'ORDER2', day + 120_000), amountMinor: 1_000, currency: 'JPY' }, 'stripe', 'A2'),
  ];
  let url: string;
  before(async () => {
    url = await ledgerWith(transfers);
  });

  test('shows every account in decimals with its currency, and says that the sum is zero', async () => {
    const { exitCode, stdout } = await runForecourt(['ledger', 'balance', '--database', url]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /clearing:alipay +200\.00 +0\.00 +200\.00 {2}CNY/);
    assert.match(stdout, /fuel-sales +0\.00 +200\.00 +-200\.00 {2}CNY/);
    assert.match(stdout, /clearing:stripe +1000 +0 +1000 {2}JPY/);
    assert.match(stdout, /the sum over all accounts is zero/);
  });

  test('shows one station as it stood at a time, as JSON for programs', async () => {
    const words = ['--station', '1003', '--at', '2026-11-21T08:00:30+08:00', '--json', '--database', url];
    const { stdout } = await runForecourt(['ledger', 'balance', ...words]);
    assert.deepEqual(JSON.parse(stdout), {
      at: '2026-11-21T00:00:30.000Z',
      accounts: [
        { account: 'clearing:alipay', debit: '200.00', credit: '0.00', balance: '200.00', currency: 'CNY' },
        { account: 'customer-liability', debit: '0.00', credit: '200.00', balance: '-200.00', currency: 'CNY' },
      ],
      sums: { CNY: '0.00' },
      balanced: true,
    });
  });

  test('a time without its zone, both formats at once, and a station in another notation are wrong use', async () => {
    for (const words of [
      ['--at', '2026-11-21 10:00'],
      ['--json', '--csv'],
      ['--station', '1e3'],
    ])
      await assert.rejects(runInProcess(balanceCommand, words), UsageError, words.join(' '));
  });

  test('a database that cannot be reached is a failure and no answer', async () => {
    const { exitCode, stdout } = await runForecourt([
      'ledger',
      'balance',
      '--json',
      '--database',
      'postgres://localhost:2/x',
    ]);
    assert.deepEqual([exitCode, Object.keys(JSON.parse(stdout))], [3, ['failure']]);
  });
});

describe('forecourt ledger export', () => {
  const count = 4_500;
  const many = Array.from({ length: count }, (_, index) =>
    bookPaid(booking(1 + (index % 7), `ORDER${index}`, day + Math.floor(index / 10)), 'alipay', `A${index}`),
  );
  const fee = bookFee({ ...booking(1003, 'ORDER1', day + 86_400_000), orderId: '=cmd()' }, 'alipay', 'A1', 120);
  let url: string;
  before(async () => {
    url = await ledgerWith([...many, ...(fee === null ? [] : [fee])]);
  });
  const exported = async (...words: string[]) => {
    const { stdout } = await runForecourt(['ledger', 'export', '--csv', '--database', url, ...words]);
    return [...readCsv(Buffer.from(stdout), ',')].map((row) =>
      'properties' in row ? row.properties : assert.fail(stdout),
    );
  };

  test('more than one page is written whole, in the order of time, each transfer once', async () => {
    const rows = await exported('--from', '2026-11-21', '--to', '2026-11-21');
    assert.equal(rows.length, count);
    assert.equal(new Set(rows.map((row) => JSON.stringify([row['station'], row['transfer']]))).size, count);
    assert.deepEqual(
      rows.map((row) => String(row['time'])),
      rows.map((row) => String(row['time'])).toSorted((a, b) => a.localeCompare(b)),
    );
    assert.equal(rows[0]?.['amount'], '200.00');
  });

  test('a reader who has had enough ends it, and that is no failure', async () => {
    const child = startForecourt([
      'ledger',
      'export',
      '--csv',
      '--from',
      '2026-11-01',
      '--to',
      '2026-11-30',
      '--database',
      url,
    ]);
    child.stdout.once('data', () => child.stdout.destroy());
    const errors = await text(child.stderr);
    assert.deepEqual([child.exitCode ?? (await once(child, 'exit'))[0], errors], [0, '']);
  });

  test('days are counted in the zone that is named, and a text that would be a formula is made harmless', async () => {
    assert.equal(
      (await exported('--from', '2026-11-20', '--to', '2026-11-20', '--time-zone', 'America/New_York')).length,
      count,
    );
    const [row] = await exported('--from', '2026-11-22', '--to', '2026-11-22');
    assert.deepEqual([row?.['order'], row?.['transfer'], row?.['amount']], ["'=cmd()", 'fee:alipay:A1', '1.20']);
    assert.equal(
      (await exported('--from', '2026-11-21', '--to', '2026-11-22', '--station', '3')).length,
      Math.ceil((count - 2) / 7),
    );
  });

  test('days that are none or stand the wrong way round, an unknown zone, and no format are wrong use', async () => {
    const day21 = ['--from', '2026-11-21', '--to', '2026-11-21'];
    for (const words of [
      ['--from', '2026-11-31', '--to', '2026-12-01', '--csv'],
      ['--from', '2026-11-22', '--to', '2026-11-21', '--csv'],
      [...day21, '--time-zone', 'Mars/Olympus', '--csv'],
      [...day21, '--time-zone', '+08:00', '--csv'],
      [...day21],
    ])
      await assert.rejects(runInProcess(exportCommand, words), UsageError, words.join(' '));
  });
});

describe('forecourt ledger order', () => {
  let world: TestJourney;
  before(async () => {
    world = await openTestJourney();
  });
  after(() => world.stop());
  const show = (orderId: string, ...words: string[]) =>
    runForecourt(['ledger', 'order', orderId, '--database', world.databaseUrl, ...words]);

  test('shows order, attempts, refunds and each transfer with what its accounts stand at after it', async () => {
    const { key, attempt } = await orderAndStart(world);
    await world.journey.endOrder(key, 'cancelled');
    await pay(world, attempt.attemptRef, { evenIfLate: true });
    const { exitCode, stdout } = await show(key.orderId);
    assert.equal(exitCode, 0);
    assert.match(stdout, new RegExp(`order ${key.orderId} {2}cancelled`));
    assert.match(stdout, /clearing:wechat-pay +194\.42 +customer-liability +-194\.42 +194\.42 CNY/);
    assert.match(stdout, /customer-liability +0\.00 +refunds-payable +-194\.42 +194\.42 CNY/);
    const json = JSON.parse((await show(key.orderId, '--json')).stdout);
    assert.deepEqual(
      [
        json.attempts[0].paid,
        json.refunds[0].reason,
        json.transfers.map((one: { transferId: string }) => one.transferId),
      ],
      ['194.42', 'late_payment', [`paid:${attempt.attemptRef}`, `refund-due:R${attempt.attemptRef}_late_payment`]],
    );
  });

  test('shows of each refund who ordered it and why, that the permit had been used, and by when it is promised', async () => {
    const { key, attempt } = await orderAndStart(world);
    await pay(world, attempt.attemptRef);
    await world.journey.db.query("update permits set state = 'redeemed' where order_id = $1", [key.orderId]);
    const words = ['--reason', 'wrong pump', '--by', 'Zhao Min', '--even-if-redeemed', '--database', world.databaseUrl];
    assert.equal((await runForecourt(['refund', key.orderId, ...words])).exitCode, 0);
    const [refund] = JSON.parse((await show(key.orderId, '--json')).stdout).refunds;
    assert.deepEqual([refund.orderedBy, refund.note, refund.overridden], ['Zhao Min', 'wrong pump', true]);
    const { refunds } = await booksOf(world, key);
    assert.equal(refund.promisedBy, formatInstant(refunds[0]?.promisedBy ?? 0));
    assert.match(
      (await show(key.orderId)).stdout,
      new RegExp(`${refund.promisedBy} +194\\.42 CNY {2}Zhao Min +though used {2}wrong pump\n`),
    );

    const late = await orderAndStart(world);
    await world.journey.endOrder(late.key, 'cancelled');
    await pay(world, late.attempt.attemptRef, { evenIfLate: true });
    const [due] = JSON.parse((await show(late.key.orderId, '--json')).stdout).refunds;
    assert.deepEqual([due.orderedBy, due.note, due.overridden], [null, null, false]);
    assert.match((await show(late.key.orderId)).stdout, /194\.42 CNY {2}nobody\n/);
  });

  test('an order that is not there is an answer, a text that is no order is wrong use', async () => {
    const { exitCode, stdout } = await show(`0000ZB${'0'.repeat(18)}`);
    assert.deepEqual([exitCode, stdout.slice(0, 13)], [1, 'order_unknown']);
    for (const words of [[], ['ORDER'], ['0'.repeat(24), '0'.repeat(24)]])
      await assert.rejects(runInProcess(orderCommand, words), UsageError);
  });
});
