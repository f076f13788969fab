import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { isRefusal } from '../base/problem.ts';
import type { OrderKey } from '../order/order.ts';
import { findBalances } from '../payment/ledger.sql.ts';
import { newKey } from '../testing/cloud.ts';
import {
  booksOf,
  findBroken,
  forgetOrders,
  openTestJourney,
  orderAndStart,
  pay,
  type TestJourney,
} from '../testing/journey.ts';
import type { Dispensed } from './record-dispense.ts';

/** The plain order: 200.00 yuan buy 25.38 litres at the pump price; less 5.58 of discount 194.42 are paid. */
describe('fuel that was not dispensed', () => {
  let world: TestJourney;

  before(async () => {
    world = await openTestJourney();
  });
  afterEach(async () => {
    assert.deepEqual(await findBroken(world), []);
    await forgetOrders(world);
  });
  after(() => world.stop());

  async function paidOrder(): Promise<OrderKey> {
    const { key, attempt } = await orderAndStart(world);
    await pay(world, attempt.attemptRef);
    return key;
  }

  const tell = (key: OrderKey, volumeMilli: number, by = 'Wang Fang') =>
    world.journey.recordDispense({ ...key, volumeMilli, by, source: 'staff' });

  async function mustTell(key: OrderKey, volumeMilli: number): Promise<Dispensed> {
    const answer = await tell(key, volumeMilli);
    if (isRefusal(answer)) assert.fail(JSON.stringify(answer));
    return answer;
  }

  const balancesOf = async (key: OrderKey) =>
    Object.fromEntries(
      (await findBalances(world.journey.db, key.orderId)).map((one) => [one.account, one.debitMinor - one.creditMinor]),
    );

  test('the pump stopped at 20 of 25.38 litres: that much is sold, the difference goes back, and the books show both', async () => {
    const key = await paidOrder();
    const { dispense, refund } = await mustTell(key, 20_000);
    const { order } = await booksOf(world, key);
    const priceMilli = order.memberPriceMilli ?? order.pumpPriceMilli;
    // 20 litres at the pump price, less 20 litres of discount: with prices of two decimals exactly 20 litres at the member price.
    assert.equal(dispense.payableMinor, Math.round((20 * priceMilli) / 10));
    assert.equal(refund?.amountMinor, order.payableMinor - dispense.payableMinor);
    assert.deepEqual(await balancesOf(key), {
      'clearing:wechat-pay': order.payableMinor,
      'customer-liability': 0,
      'fuel-sales': -dispense.payableMinor,
      'refunds-payable': -(order.payableMinor - dispense.payableMinor),
    });
    await world.journey.janitor.run();
    await world.timeline.advance(3_000);
    const after = await booksOf(world, key);
    assert.deepEqual([after.refunds[0]?.state, after.attempts[0]?.state], ['succeeded', 'partly_refunded']);
    assert.deepEqual([after.order.state, after.permit?.state], ['paid', 'issued']);
    assert.equal((await balancesOf(key))['clearing:wechat-pay'], dispense.payableMinor);
  });

  test('told twice it goes back once; another volume afterwards is refused', async () => {
    const key = await paidOrder();
    const answers = await Promise.all([mustTell(key, 20_000), mustTell(key, 20_000), mustTell(key, 20_000)]);
    assert.equal(new Set(answers.map(({ refund }) => refund?.refundRef)).size, 1);
    const other = await tell(key, 19_000);
    assert.deepEqual(isRefusal(other) ? other : null, {
      refusal: 'dispense_known',
      hint: { volumeMilli: 20_000, by: 'Wang Fang' },
    });
    assert.equal((await booksOf(world, key)).refunds.length, 1);
  });

  for (const volumeMilli of [25_380, 25_390, 27_900]) {
    test(`${volumeMilli} of 25380 thousandths: all of it is sold, nothing goes back, the station bears what is over`, async () => {
      const key = await paidOrder();
      const { refund } = await mustTell(key, volumeMilli);
      assert.equal(refund, null);
      const { order } = await booksOf(world, key);
      assert.equal((await balancesOf(key))['fuel-sales'], -order.payableMinor);
    });
  }

  test('nothing was dispensed: all of it goes back and the permit is void', async () => {
    const key = await paidOrder();
    const { refund } = await mustTell(key, 0);
    const { order, permit } = await booksOf(world, key);
    assert.deepEqual([refund?.amountMinor, order.state, permit?.state], [order.payableMinor, 'refunded', 'revoked']);
  });

  test('nothing dispensed though the permit was used is for an operator', async () => {
    const key = await paidOrder();
    await world.journey.db.query("update permits set state = 'redeemed' where order_id = $1", [key.orderId]);
    const answer = await tell(key, 0);
    assert.equal(isRefusal(answer) ? answer.refusal : 'accepted', 'refund_permit_redeemed');
    assert.equal((await mustTell(key, 10_000)).dispense.volumeMilli, 10_000);
  });

  test('what staff gave back before counts: never more than was paid goes back', async () => {
    const key = await paidOrder();
    const wish = { ...key, idempotencyKey: newKey(), reason: 'apology', by: 'Li Wei', evenIfRedeemed: false };
    await world.journey.refundOrder({ ...wish, amountMinor: 19_000 });
    const { refund } = await mustTell(key, 20_000);
    assert.equal(refund, null);
    assert.equal((await balancesOf(key))['fuel-sales'], -442);
  });

  test('money given back after the sale comes out of the sales', async () => {
    const key = await paidOrder();
    const { dispense } = await mustTell(key, 20_000);
    const wish = { ...key, idempotencyKey: newKey(), reason: 'bad fuel', by: 'Li Wei', evenIfRedeemed: false };
    await world.journey.refundOrder({ ...wish, amountMinor: 1_000 });
    assert.equal((await balancesOf(key))['fuel-sales'], -(dispense.payableMinor - 1_000));
  });

  test('refused in this order: not paid, no volume of the pump, no name, far more than was ordered', async () => {
    const { key: unpaid } = await orderAndStart(world);
    const nameOf = async (key: OrderKey, volumeMilli: number, by?: string) => {
      const answer = await tell(key, volumeMilli, by);
      return isRefusal(answer) ? answer.refusal : 'accepted';
    };
    assert.equal(await nameOf(unpaid, 20_000), 'order_not_paid');
    const key = await paidOrder();
    assert.equal(await nameOf(key, 20_005), 'dispense_volume_invalid');
    assert.equal(await nameOf(key, -10), 'dispense_volume_invalid');
    assert.equal(await nameOf(key, 20_000, ' '), 'dispense_volume_invalid');
    assert.equal(await nameOf(key, 270_600), 'dispense_implausible');
    assert.equal((await booksOf(world, key)).dispense, null);
  });
});
