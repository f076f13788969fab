import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { OrderKey } from '../order/order.ts';
import { findOrderActions } from '../staff/staff.sql.ts';
import { runForecourt, runInProcess } from '../testing/command.ts';
import {
  booksOf,
  findBroken,
  openTestJourney,
  orderAndStart,
  pay,
  placeOrder,
  type TestJourney,
} from '../testing/journey.ts';
import { UsageError } from './command.ts';
import { command as dispensedCommand } from './dispensed.ts';
import { command as refundCommand } from './refund.ts';

describe("an operator's word on an order's money", () => {
  let world: TestJourney;

  before(async () => {
    world = await openTestJourney();
  });
  after(() => world.stop());

  async function paidOrder(): Promise<OrderKey> {
    const { key, attempt } = await orderAndStart(world);
    await pay(world, attempt.attemptRef);
    return key;
  }

  const run = (command: string, key: OrderKey, ...words: string[]) =>
    runForecourt([command, key.orderId, '--database', world.databaseUrl, '--by', 'Zhao Min', ...words]);
  const refund = (key: OrderKey, ...words: string[]) => run('refund', key, '--reason', 'wrong pump', ...words);
  const dispensed = (key: OrderKey, ...words: string[]) => run('dispensed', key, ...words);

  /** The command goes by the real clock, behind which the world's stands still. */
  const goRound = async (): Promise<void> => {
    await world.timeline.advance(60_000);
    await world.journey.janitor.run();
    await world.timeline.advance(3_000);
  };

  test('gives all of it back without any key of a payment service; the cloud pays, and the permit is void at once', async () => {
    const key = await paidOrder();
    const { exitCode, stdout, stderr } = await refund(key);
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.match(stdout, /money {3}paid 194\.42 CNY by wechat-pay, 194\.42 CNY of it can be given back/);
    assert.match(stdout, /give back 194\.42 CNY, all of it: the permit becomes void; "wrong pump", Zhao Min/);
    assert.match(
      stdout,
      new RegExp(`decided R${key.orderId}01_staff\\S*, 194\\.42 CNY, due, with the driver by \\d{4}-\\d\\d-\\d\\d`),
    );
    const decided = await booksOf(world, key);
    assert.deepEqual(
      [decided.order.state, decided.permit?.state, decided.refunds[0]?.state],
      ['refunded', 'revoked', 'due'],
    );
    await goRound();
    assert.equal((await booksOf(world, key)).refunds[0]?.state, 'succeeded');
    const [action] = await findOrderActions(world.journey.db, key, 10);
    assert.deepEqual(
      [action?.kind, action?.door, action?.by, action?.beforeMinor, action?.afterMinor],
      ['refund', 'command', 'Zhao Min', 19442, 0],
    );
  });

  test('typed twice gives a part back once; another part needs another reason', async () => {
    const key = await paidOrder();
    const first = JSON.parse((await refund(key, '--amount', '50.00', '--json')).stdout);
    const again = JSON.parse((await refund(key, '--amount', '50', '--json')).stdout);
    assert.deepEqual(
      [first.amount, first.known, again.known, again.refundRef],
      ['50.00', false, true, first.refundRef],
    );
    assert.deepEqual([first.orderState, first.permitState], ['paid', 'issued']);
    const other = await run('refund', key, '--reason', 'a second time', '--amount', '50.00');
    assert.match(other.stdout, /a part: the permit stays as it is/);
    assert.equal((await booksOf(world, key)).refunds.length, 2);
    const above = await refund(key, '--amount', '194.42');
    assert.equal(above.exitCode, 1);
    assert.match(above.stderr, /^refund_above_paid: .* \{"leftMinor":9442\}\n$/);
  });

  test('gives all of it back of a used permit only where it is said that it was used', async () => {
    const key = await paidOrder();
    await world.journey.db.query("update permits set state = 'redeemed' where order_id = $1", [key.orderId]);
    const refused = await refund(key, '--json');
    assert.deepEqual([refused.exitCode, refused.stdout], [1, '{"refusal":"refund_permit_redeemed"}\n']);
    assert.equal((await refund(key, '--even-if-redeemed')).exitCode, 0);
    const { refunds } = await booksOf(world, key);
    assert.deepEqual(
      refunds.map(({ overridden, note, orderedBy }) => [overridden, note, orderedBy]),
      [[true, 'wrong pump', 'Zhao Min']],
    );
    const kinds = (await findOrderActions(world.journey.db, key, 10)).map(({ kind }) => kind);
    assert.deepEqual(new Set(kinds), new Set(['refused', 'refund']));
  });

  test('tells what the pump gave once, and the rest goes back', async () => {
    const key = await paidOrder();
    const { exitCode, stdout } = await dispensed(key, '--volume', '20.00');
    assert.equal(exitCode, 0);
    assert.match(stdout, /the pump gave 20\.00 of 25\.38 l, 41\.22 CNY goes back; Zhao Min/);
    assert.match(stdout, new RegExp(`decided R${key.orderId}01_less_dispensed, 41\\.22 CNY, due, with the driver by `));
    const again = JSON.parse((await dispensed(key, '--volume', '20', '--json')).stdout);
    assert.deepEqual(
      [again.known, again.volume, again.payable, again.refund.amount],
      [true, '20.00', '153.20', '41.22'],
    );
    const other = await dispensed(key, '--volume', '21.00');
    assert.equal(other.exitCode, 1);
    assert.match(other.stderr, /^dispense_known: /);
    const [refused, done] = await findOrderActions(world.journey.db, key, 10);
    assert.deepEqual([refused?.kind, done?.kind, done?.afterMinor], ['refused', 'dispense', 15320]);
    assert.deepEqual(await findBroken(world), []);
  });

  test('says that nothing goes back where all of it was dispensed, and that all does where nothing was', async () => {
    const [whole, none] = [await paidOrder(), await paidOrder()];
    assert.match(
      (await dispensed(whole, '--volume', '25.38')).stdout,
      /0\.00 CNY goes back; .*\ndecided nothing goes back/,
    );
    assert.match(
      (await dispensed(none, '--volume', '0')).stdout,
      /194\.42 CNY goes back, all of it: the permit becomes void/,
    );
    assert.equal((await booksOf(world, none)).permit?.state, 'revoked');
  });

  test('is refused for an order that is not paid or not there', async () => {
    const unpaid = await placeOrder(world);
    assert.match((await refund(unpaid)).stderr, /^refund_nothing_paid: /);
    assert.match((await dispensed(unpaid, '--volume', '1.00')).stderr, /^order_not_paid: /);
    const missing = { ...unpaid, orderId: `${unpaid.orderId.slice(0, 6)}${'0'.repeat(18)}` };
    assert.deepEqual(
      [(await refund(missing)).exitCode, (await refund(missing)).stderr.split(':')[0]],
      [1, 'order_unknown'],
    );
  });

  test('needs an order, a reason, a name, and amounts that are amounts', async () => {
    const key = await paidOrder();
    const database = ['--database', world.databaseUrl];
    const refundWords = [key.orderId, ...database, '--reason', 'x', '--by', 'x'];
    const wrong = [
      ['--reason', 'x', '--by', 'x'],
      ['0000', ...database, '--reason', 'x', '--by', 'x'],
      [key.orderId, key.orderId, ...database, '--reason', 'x', '--by', 'x'],
      [key.orderId, ...database, '--by', 'x'],
      [key.orderId, ...database, '--reason', 'x'],
      [key.orderId, ...database, '--reason', 'x', '--by', ''],
      [...refundWords, '--amount', 'much'],
      [...refundWords, '--amount', '1.001'],
      [...refundWords, '--amount', '-5'],
    ];
    for (const words of wrong) await assert.rejects(runInProcess(refundCommand, words), UsageError, words.join(' '));
    for (const words of [[], ['--volume', 'full'], ['--volume', '-1']])
      await assert.rejects(
        runInProcess(dispensedCommand, [key.orderId, ...database, '--by', 'x', ...words]),
        UsageError,
      );
    assert.deepEqual((await booksOf(world, key)).refunds, []);
  });
});
