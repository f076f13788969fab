import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { formatBeijingDay } from '../payment/provider/beijing-time.ts';
import { readCsv } from '../station/import/csv.ts';
import { writeWechatPayAccount } from '../testing/account-files.ts';
import { runForecourt, runInProcess } from '../testing/command.ts';
import { openTestJourney, orderAndStart, pay, type TestJourney } from '../testing/journey.ts';
import { printPermit } from '../testing/reconciliation.ts';
import { UsageError } from './command.ts';
import { command as explainCommand } from './reconcile-explain.ts';
import { command } from './reconcile.ts';

describe('forecourt reconcile', () => {
  let world: TestJourney;
  let folder: string;
  let account: Record<string, string>;
  let day: string;
  let orderId: string;

  before(async () => {
    world = await openTestJourney({ billsAtOnce: true });
    folder = await mkdtemp(join(tmpdir(), 'forecourt-reconcile-'));
    account = await writeWechatPayAccount(folder, world.wechatPay);
    day = formatBeijingDay(world.timeline.now());
    const printed = await orderAndStart(world);
    await pay(world, printed.attempt.attemptRef);
    await printPermit(world, printed.key);
    const unprinted = await orderAndStart(world);
    await pay(world, unprinted.attempt.attemptRef);
    orderId = unprinted.key.orderId;
  });
  after(async () => {
    await world.stop();
    await rm(folder, { recursive: true });
  });

  const run = (words: readonly string[], environment: Readonly<Record<string, string>> = account) =>
    runForecourt(['reconcile', ...words, '--database', world.databaseUrl], environment);

  test('shows the sums of the bill, what matched, and each difference with its id and what to do; exit code 1 until it is explained', async () => {
    const first = await run([day]);
    assert.equal(first.exitCode, 1, first.stderr);
    assert.match(
      first.stdout,
      new RegExp(`${day} {2}wechat-pay main, merchant ${account['WECHAT_PAY_MERCHANT_ID']} {2}\\(the day is not over`),
    );
    assert.match(first.stdout, /2: 388\.84 +0: 0\.00 +2\.34 +0\.00 +386\.50 +2 +CNY/);
    assert.match(first.stdout, /matched: 2 payments, 0 refunds/);
    assert.match(first.stdout, /0 permits without payment, 0 printed without permit, 1 permits never printed\n/);
    assert.match(first.stdout, /permit_never_printed +1 +0 +0\n/);
    const [, id = ''] = /^(D[0-9A-Z]{12}) {2}permit_never_printed {2}here 194\.42 CNY/m.exec(first.stdout) ?? [];
    assert.match(first.stdout, new RegExp(`order ${orderId}, station 1003, pump 3`));
    assert.match(first.stdout, new RegExp(`to do: ask the station .*forecourt reconcile explain ${id}`));

    const explained = await run([
      'explain',
      id.toLowerCase(),
      '--by',
      'Wang Fang',
      '--reason',
      'printer without paper; driver seen by staff',
    ]);
    assert.deepEqual(
      [explained.exitCode, explained.stdout],
      [0, `${id} is explained by Wang Fang: printer without paper; driver seen by staff\n`],
    );
    const second = await run([day]);
    assert.equal(second.exitCode, 0);
    assert.match(second.stdout, /permit_never_printed +0 +1 +0\n/);
    assert.match(second.stdout, /explained .* by Wang Fang: printer without paper/);
    assert.doesNotMatch(second.stdout, /to do:/);
  });

  test('--json is one object with sums as decimals, --csv one line a difference', async () => {
    const answer = JSON.parse((await run([day, '--json'])).stdout);
    assert.deepEqual([answer.day, answer.failures, answer.accounts.length], [day, [], 1]);
    const [only] = answer.accounts;
    assert.deepEqual(only.totals, [
      {
        currency: 'CNY',
        payments: { count: 2, sum: '388.84' },
        refunds: { count: 0, sum: '0.00' },
        other: { count: 0, sum: '0.00' },
        fees: '2.34',
        net: '386.50',
      },
    ]);
    assert.deepEqual([only.matched, only.leftOff, only.isOver], [{ payments: 2, refunds: 0 }, 0, false]);
    const { stdout } = await run([day, '--csv']);
    const rows = [...readCsv(Buffer.from(stdout), ',')].map((row) =>
      'properties' in row ? row.properties : assert.fail(),
    );
    assert.deepEqual(
      rows.map((row) => [row['kind'], row['order'], row['pump'], row['here'], row['here_currency'], row['difference']]),
      [['permit_never_printed', orderId, '3', '194.42', 'CNY', only.differences[0].differenceId]],
    );
  });

  test('an account that the service does not know and one that cannot be reached are named with what to do; the others are reconciled all the same', async () => {
    const file = join(folder, 'accounts.json');
    const spare = {
      service: 'wechat-pay',
      account: 'spare',
      stations: [1001],
      settings: {
        merchantId: '1900000001',
        appId: 'wx0000000000000001',
        merchantSerial: '5157F09EFDC096DE15EBE81A47057A72',
        merchantKey: { file: account['WECHAT_PAY_MERCHANT_KEY_FILE'] },
        apiV3Key: { file: account['WECHAT_PAY_API_V3_KEY_FILE'] },
        platformKeys: { PUB_KEY_ID_01: { file: join(folder, 'platform-0.pem') } },
        url: 'http://127.0.0.1:2',
      },
    };
    await writeFile(file, JSON.stringify([spare]));
    const { exitCode, stdout, stderr } = await run([day, '--json'], { ...account, FORECOURT_PAYMENT_ACCOUNTS: file });
    assert.equal(exitCode, 3);
    assert.match(stderr, /account spare at wechat-pay: the service cannot be reached/);
    const { accounts, failures } = JSON.parse(stdout);
    assert.deepEqual(
      [failures.length, accounts.map((one: { matched: { payments: number } }) => one.matched.payments)],
      [1, [2, 0]],
    );

    const wrongKey = await run([day], { ...account, WECHAT_PAY_MERCHANT_SERIAL: 'ABCDEF' });
    assert.equal(wrongKey.exitCode, 3);
    assert.match(
      wrongKey.stderr,
      /account main at wechat-pay: the service does not take our key.*forecourt payments check/,
    );
    const unreadable = await run([day], { ...account, WECHAT_PAY_MERCHANT_KEY_FILE: '/nowhere/key.pem' });
    assert.match(
      `${unreadable.exitCode} ${unreadable.stderr}`,
      /^3 .*WECHAT_PAY_MERCHANT_KEY_FILE: \/nowhere\/key\.pem cannot be read/s,
    );
  });

  test('money that came through a merchant of no account is not forgotten: it is told, and exit code 3 says that the day is not done', async () => {
    const environment = { ...account, WECHAT_PAY_MERCHANT_ID: '1900000002', WECHAT_PAY_URL: 'http://127.0.0.1:2' };
    const { exitCode, stderr } = await run([new Date(world.timeline.now()).toISOString().slice(0, 10)], environment);
    assert.equal(exitCode, 3);
    assert.match(
      stderr,
      new RegExp(
        `2 payments of .* came through merchant ${account['WECHAT_PAY_MERCHANT_ID']} at wechat-pay, which no configured account is`,
      ),
    );
  });

  test('a database that cannot be reached is a failure and no answer', async () => {
    const { exitCode, stdout } = await runForecourt(
      ['reconcile', day, '--json', '--database', 'postgres://localhost:2/x'],
      account,
    );
    assert.deepEqual([exitCode, Object.keys(JSON.parse(stdout))], [3, ['failure']]);
  });

  test('no day, a day that is none, two days, two formats, an account that is not there or none at all are wrong use', async () => {
    for (const words of [[], ['2026-02-30'], ['tomorrow'], [day, day], [day, '--json', '--csv']])
      await assert.rejects(runInProcess(command, words), UsageError, words.join(' '));
    const unknown = await run([day, '--account', 'north']);
    assert.deepEqual([unknown.exitCode, unknown.stderr.includes('there are main at wechat-pay')], [2, true]);
    assert.equal((await run([day], {})).exitCode, 2);
  });

  test('a day that has not begun is refused as wrong use, and so is no day, each in a sentence', async () => {
    const future = await run(['2036-11-26']);
    assert.deepEqual([future.exitCode, future.stdout], [2, '']);
    assert.match(future.stderr, /the day 2036-11-26 has not begun yet, so that there is nothing to reconcile/);
    const none = await run([]);
    assert.equal(none.exitCode, 2);
    assert.match(none.stderr, /name one day such as 2026-11-21/);
  });

  test('an explanation needs a difference that there is, a name and a reason, each a line', async () => {
    const id = 'D0123456789AB';
    const missing = await run(['explain', id, '--by', 'Wang Fang', '--reason', 'x', '--json']);
    assert.deepEqual([missing.exitCode, JSON.parse(missing.stdout)], [1, { explained: [], unknown: [id] }]);
    for (const words of [
      ['--by', 'a', '--reason', 'b'],
      ['1234', '--by', 'a', '--reason', 'b'],
      [id, '--reason', 'b'],
      [id, '--by', 'a'],
      [id, '--by', ' ', '--reason', 'b'],
      [id, '--by', 'a', '--reason', 'two\nlines'],
    ])
      await assert.rejects(runInProcess(explainCommand, words), UsageError, words.join(' '));
  });
});
