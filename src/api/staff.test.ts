import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ordersShownMax } from '../journey/station-orders.sql.ts';
import { problemOf, type RefusalName } from '../base/problem.ts';
import { systemRandom } from '../base/random.ts';
import { makeAccessToken } from '../order/access-token.ts';
import type { OrderKey } from '../order/order.ts';
import { removeStaff } from '../staff/keep-staff.ts';
import type {
  StaffDispensedMessage,
  StaffMeMessage,
  StaffOrderListMessage,
  StaffOrderMessage,
  StaffRefundedMessage,
} from '../staff/staff.message.ts';
import { findOrderActions, findStaffActions } from '../staff/staff.sql.ts';
import { operatorNamed } from '../staff/staff-action.ts';
import { type StaffRight, staffRights } from '../staff/staff-member.ts';
import { makeStaffToken } from '../staff/staff-token.ts';
import { wrongTokensMax, wrongTokensWindowMs } from '../staff/wrong-tokens.ts';
import { type Answer, bearer, get, newKey, post } from '../testing/cloud.ts';
import {
  booksOf,
  findBroken,
  openTestJourney,
  orderAndStart,
  pay,
  placeOrder,
  startPaying,
  type TestJourney,
} from '../testing/journey.ts';
import { makeStaff } from '../testing/staff.ts';

const byText = (a: string, b: string): number => a.localeCompare(b);

describe('the API for staff', () => {
  let world: TestJourney;
  /** May everything at station 1003. */
  let boss: string;

  before(async () => {
    world = await openTestJourney();
    boss = await tokenFor([...staffRights], [1003]);
  });
  after(() => world.stop());

  const tokenFor = async (rights: readonly StaffRight[], stationNumbers: readonly number[] | null) =>
    (await makeStaff(world.journey.db, { rights, stationNumbers })).token;

  function assertRefused(answer: Answer, name: RefusalName): void {
    assert.equal(answer.json['code'], name, JSON.stringify(answer.json));
    assert.equal(answer.status, problemOf(name).status);
  }

  const see = (path: string, token: string): Promise<Answer> => get(`${world.url}/v1/staff${path}`, bearer(token));
  const giveBack = (key: OrderKey, token: string, wish: object, idempotencyKey = newKey()): Promise<Answer> =>
    post(
      `${world.url}/v1/staff/orders/${key.orderId}/refunds`,
      { amount: 'all', reason: 'changed his mind', ...wish },
      { ...bearer(token), 'idempotency-key': idempotencyKey },
    );
  const tellDispensed = (key: OrderKey, token: string, volume: string): Promise<Answer> =>
    post(`${world.url}/v1/staff/orders/${key.orderId}/dispensed`, { volume }, bearer(token));
  const readOrder = async (key: OrderKey): Promise<StaffOrderMessage> =>
    (await see(`/orders/${key.orderId}`, boss)).json as unknown as StaffOrderMessage;

  /** An order of 200 yuan that is paid: 194.42 after the discount. */
  async function paidOrder(): Promise<OrderKey> {
    const { key, attempt } = await orderAndStart(world);
    await pay(world, attempt.attemptRef);
    return key;
  }

  const redeem = async ({ stationNumber, orderId }: OrderKey): Promise<void> =>
    void (await world.journey.db.query(
      "update permits set state = 'redeemed' where station_number = $1 and order_id = $2",
      [stationNumber, orderId],
    ));

  test('says to who holds the token who he is, where he works and what he may do', async () => {
    const { member, token } = await makeStaff(world.journey.db, { stationNumbers: [1003, 1004], rights: ['refund'] });
    const me = (await see('/me', token)).json as unknown as StaffMeMessage;
    assert.deepEqual(
      [me.staffId, me.name, me.rights, me.everywhere, me.stations.map(({ stationNumber }) => stationNumber)],
      [member.staffId, 'Li Wei', ['refund'], false, [1003, 1004]],
    );
    const everywhere = (await see('/me', await tokenFor([], null))).json;
    assert.deepEqual([everywhere['everywhere'], everywhere['stations']], [true, []]);
  });

  test('is shut to who has no token, a wrong one, a driver’s one, or one that was withdrawn', async () => {
    const key = await paidOrder();
    const { member, token } = await makeStaff(world.journey.db, { rights: [...staffRights] });
    assert.equal((await see('/me', token)).status, 200);
    await removeStaff(world.journey.db, member.staffId, { doer: operatorNamed('chief'), now: Date.now() });
    const paths = [
      '/me',
      '/stations/1003/orders',
      `/orders/${key.orderId}`,
      `/orders/${key.orderId}/dispensed?volume=1`,
    ];
    const ofDriver = makeAccessToken(world.journey.accessTokenSecret, key.orderId);
    for (const headers of [{}, bearer(makeStaffToken(systemRandom)), bearer(token), bearer(ofDriver)]) {
      for (const path of paths)
        assertRefused(await get(`${world.url}/v1/staff${path}`, headers), 'staff_token_invalid');
      const url = `${world.url}/v1/staff/orders/${key.orderId}`;
      const wish = { amount: 'all', reason: 'x' };
      assertRefused(
        await post(`${url}/refunds`, wish, { ...headers, 'idempotency-key': newKey() }),
        'staff_token_invalid',
      );
      assertRefused(await post(`${url}/dispensed`, { volume: '1.00' }, headers), 'staff_token_invalid');
    }
    const books = await booksOf(world, key);
    assert.deepEqual([books.refunds, books.dispense], [[], null]);
    await world.timeline.advance(wrongTokensWindowMs);
  });

  test('does not listen for a while to an address with too many wrong tokens, be the next one right or not', async () => {
    for (let token = 0; token < wrongTokensMax; token += 1)
      assertRefused(await see('/me', `fcs_${'x'.repeat(42)}${token % 10}`), 'staff_token_invalid');
    assertRefused(await see('/me', boss), 'too_many_requests');
    const [line] = await findStaffActions(world.journey.db, 1);
    assert.deepEqual([line?.kind, line?.staffId, line?.detail], ['locked_out', null, { address: '127.0.0.1' }]);
    await world.timeline.advance(wrongTokensWindowMs);
    assert.equal((await see('/me', boss)).status, 200);
  });

  test('shows an order of another station to nobody, as if it were not there, and keeps that it was asked for', async () => {
    const key = await paidOrder();
    const stranger = await tokenFor([...staffRights], [1004]);
    assertRefused(await see(`/orders/${key.orderId}`, stranger), 'order_unknown');
    assertRefused(await see(`/orders/${key.orderId}/dispensed?volume=1`, stranger), 'order_unknown');
    assertRefused(await giveBack(key, stranger, {}), 'order_unknown');
    assertRefused(await tellDispensed(key, stranger, '1.00'), 'order_unknown');
    assertRefused(await see('/stations/1003/orders', stranger), 'station_unknown');
    assertRefused(await see('/stations/999999/orders', boss), 'station_unknown');
    for (const id of ['nothing', '0'.repeat(24), `${key.orderId.slice(0, -1)}${key.orderId.endsWith('0') ? '1' : '0'}`])
      assertRefused(await see(`/orders/${id}`, boss), 'order_unknown');
    const { refunds } = await booksOf(world, key);
    assert.deepEqual(refunds, []);
    const actions = await findOrderActions(world.journey.db, key, 10);
    assert.deepEqual(
      actions.map(({ kind, detail }) => [kind, detail['wish'], detail['refusal']].join(' ')).toSorted(byText),
      [
        'refused dispense order_unknown',
        'refused dispense order_unknown',
        'refused refund order_unknown',
        'refused see order_unknown',
      ],
    );
  });

  test('lets everybody do only what he may, and keeps what he tried', async () => {
    const key = await paidOrder();
    const looker = await tokenFor([], [1003]);
    const refunder = await tokenFor(['refund'], [1003]);
    const dispenser = await tokenFor(['dispense'], null);
    for (const token of [looker, refunder, dispenser])
      assert.equal((await see(`/orders/${key.orderId}`, token)).status, 200);
    for (const token of [looker, dispenser]) assertRefused(await giveBack(key, token, {}), 'staff_right_missing');
    for (const token of [looker, refunder]) {
      assertRefused(await tellDispensed(key, token, '20.00'), 'staff_right_missing');
      assertRefused(await see(`/orders/${key.orderId}/dispensed?volume=20.00`, token), 'staff_right_missing');
    }
    await redeem(key);
    assertRefused(await giveBack(key, refunder, { evenIfRedeemed: true }), 'staff_right_missing');
    assertRefused(await giveBack(key, refunder, {}), 'refund_permit_redeemed');
    assertRefused(await giveBack(key, boss, {}), 'refund_permit_redeemed');
    const { refunds, dispense } = await booksOf(world, key);
    assert.deepEqual([refunds, dispense], [[], null]);
    const kept = (await findOrderActions(world.journey.db, key, 20)).map(({ detail }) => detail['refusal']);
    assert.equal(kept.filter((one) => one === 'staff_right_missing').length, 7);
    assert.equal(kept.filter((one) => one === 'refund_permit_redeemed').length, 2);
    const overridden = (await giveBack(key, boss, { evenIfRedeemed: true })).json as unknown as StaffRefundedMessage;
    assert.deepEqual([overridden.refund.overridden, overridden.order.state], [true, 'refunded']);
  });

  test('gives a part back once, however often the call is repeated, and the permit stays', async () => {
    const key = await paidOrder();
    const idempotencyKey = newKey();
    const wish = { amount: '50.00', reason: '少加油' };
    const answers = await Promise.all([1, 2, 3].map(() => giveBack(key, boss, wish, idempotencyKey)));
    for (const answer of answers) assert.equal(answer.status, 201, JSON.stringify(answer.json));
    const { refund, order } = (answers[0] ?? assert.fail('no answer')).json as unknown as StaffRefundedMessage;
    assert.deepEqual(
      [refund.amount, refund.note, refund.by, refund.reason, refund.state],
      ['50.00', '少加油', 'Li Wei', 'staff', 'due'],
    );
    assert.ok(Date.parse(refund.promisedBy) > world.timeline.now());
    assert.deepEqual([order.givenBack, order.onItsWay, order.left], ['0.00', '50.00', '144.42']);
    assert.equal(order.permit?.state, 'issued');
    assert.deepEqual([order.refunds.length, order.paidBy], [1, refund.attemptRef]);
    assertRefused(await giveBack(key, boss, { ...wish, amount: '60.00' }, idempotencyKey), 'idempotency_key_reused');
    const trail = await findOrderActions(world.journey.db, key, 10);
    assert.deepEqual(trail.map(({ kind }) => kind).toSorted(byText), ['refund', 'refused']);
    const done = trail.find(({ kind }) => kind === 'refund');
    assert.deepEqual([done?.beforeMinor, done?.afterMinor, done?.by], [19442, 14442, 'Li Wei']);
  });

  test('gives all of it back: the permit is void, the driver sees it, and the money arrives', async () => {
    const key = await paidOrder();
    const answer = await giveBack(key, boss, {});
    const { order } = answer.json as unknown as StaffRefundedMessage;
    assert.deepEqual([order.state, order.permit?.state, order.left], ['refunded', 'revoked', '0.00']);
    await world.journey.janitor.run();
    await world.timeline.advance(3_000);
    const { refunds, attempts, givenBack, onItsWay } = await readOrder(key);
    assert.deepEqual([refunds[0]?.state, refunds[0]?.amount, attempts[0]?.state], ['succeeded', '194.42', 'refunded']);
    assert.deepEqual([givenBack, onItsWay], ['194.42', '0.00']);
    assertRefused(await giveBack(key, boss, {}), 'refund_nothing_paid');
    assert.deepEqual(await findBroken(world), []);
  });

  test('counts money that the payment service could not give back as held up, neither back nor on its way', async () => {
    const key = await paidOrder();
    world.wechatPay.control.endNextRefunds('ABNORMAL', 1);
    await giveBack(key, boss, {});
    await world.journey.janitor.run();
    await world.timeline.advance(3_000);
    const { state, givenBack, onItsWay, heldUp, left } = await readOrder(key);
    assert.deepEqual([state, givenBack, onItsWay, heldUp, left], ['refunded', '0.00', '0.00', '194.42', '0.00']);
    const list = (await see(`/stations/1003/orders?search=${key.orderId}`, boss))
      .json as unknown as StaffOrderListMessage;
    const [line] = list.orders;
    assert.deepEqual([line?.givenBack, line?.heldUp, line?.refundStates], ['0.00', '194.42', ['abnormal']]);
  });

  test('refuses what cannot be given back, by its name', async () => {
    const unpaid = await placeOrder(world);
    const key = await paidOrder();
    assertRefused(await giveBack(unpaid, boss, {}), 'refund_nothing_paid');
    for (const amount of ['0', '-1', '1.001', 'much', ''])
      assertRefused(await giveBack(key, boss, { amount }), 'refund_amount_invalid');
    const above = await giveBack(key, boss, { amount: '194.43' });
    assertRefused(above, 'refund_above_paid');
    assert.deepEqual(above.json['hint'], { leftMinor: 19442 });
    for (const reason of ['', '  ', 'x'.repeat(201), 'a\u0000b'])
      assertRefused(await giveBack(key, boss, { reason }), 'refund_reason_invalid');
    for (const wish of [{ amount: 50 }, { reason: undefined }, { evenIfRedeemed: 'yes' }])
      assertRefused(await giveBack(key, boss, wish), 'malformed_body');
    const url = `${world.url}/v1/staff/orders/${key.orderId}/refunds`;
    assertRefused(await post(url, { amount: 'all', reason: 'x' }, bearer(boss)), 'idempotency_key_missing');
    assert.deepEqual((await booksOf(world, key)).refunds, []);
  });

  test('tells before and after what goes back for fuel that was not dispensed', async () => {
    const key = await paidOrder();
    const preview = await see(`/orders/${key.orderId}/dispensed?volume=20.00`, boss);
    assert.deepEqual(preview.json, {
      volume: '20.00',
      payable: '153.20',
      back: '41.22',
      kept: '153.20',
      voidsPermit: false,
    });
    const nothing = await see(`/orders/${key.orderId}/dispensed?volume=0`, boss);
    assert.deepEqual(nothing.json, {
      volume: '0.00',
      payable: '0.00',
      back: '194.42',
      kept: '0.00',
      voidsPermit: true,
    });
    assert.equal((await booksOf(world, key)).dispense, null);
    const told = (await tellDispensed(key, boss, '20.00')).json as unknown as StaffDispensedMessage;
    assert.deepEqual(
      [told.refund?.amount, told.refund?.reason, told.order.left],
      ['41.22', 'less_dispensed', '153.20'],
    );
    const { volume, payable, by, source } = told.order.dispensed ?? assert.fail('nothing is dispensed');
    assert.deepEqual([volume, payable, by, source], ['20.00', '153.20', 'Li Wei', 'staff']);
    assertRefused(await tellDispensed(key, boss, '21.00'), 'dispense_known');
    const action = (await findOrderActions(world.journey.db, key, 10)).find(({ kind }) => kind === 'dispense');
    assert.deepEqual([action?.beforeMinor, action?.afterMinor], [19442, 15320]);
    assert.deepEqual(await findBroken(world), []);
  });

  test('refuses volumes that no pump shows, and of orders that are not paid', async () => {
    const unpaid = await placeOrder(world);
    const key = await paidOrder();
    assertRefused(await tellDispensed(unpaid, boss, '20.00'), 'order_not_paid');
    for (const volume of ['-1', '20.001', 'full', ''])
      assertRefused(await tellDispensed(key, boss, volume), 'dispense_volume_invalid');
    assertRefused(await tellDispensed(key, boss, '250.00'), 'dispense_implausible');
    assertRefused(
      await post(`${world.url}/v1/staff/orders/${key.orderId}/dispensed`, {}, bearer(boss)),
      'malformed_body',
    );
    assertRefused(await see(`/orders/${key.orderId}/dispensed`, boss), 'malformed_body');
    assert.equal((await booksOf(world, key)).dispense, null);
  });

  test('shows all that settles it when a driver says that he has paid, and no more of him than that', async () => {
    const phoneAndPlate = { name: '王芳', phone: '+86 138 0013 8000', plate: '京A12345' };
    const key = await placeOrder(world, { user: phoneAndPlate });
    const attempt = await startPaying(world, key, { ip: '203.0.113.7' });
    await pay(world, attempt.attemptRef);
    const answer = await see(`/orders/${key.orderId}`, boss);
    const order = answer.json as unknown as StaffOrderMessage;
    assert.deepEqual(order.user, { name: '王芳', phone: '…8000', plate: '京A12345' });
    const [shown] = order.attempts;
    assert.deepEqual([shown?.state, shown?.paid, shown?.payer.address], ['paid', '194.42', '203.0.113.…']);
    assert.match(shown?.providerPaymentId ?? '', /^\d+$/);
    assert.deepEqual(
      shown?.facts.map(({ source, state, amount, judgement }) => [source, state, amount, judgement]),
      [['notification', 'paid', '194.42', 'paid']],
    );
    assert.deepEqual(
      order.transfers.map(({ debit, credit, amount }) => [debit, credit, amount]),
      [['clearing:wechat-pay', 'customer-liability', '194.42']],
    );
    const { permit } = await booksOf(world, key);
    assert.equal(order.permit?.shortCode, permit?.shortCode);
    const text = JSON.stringify(answer.json);
    for (const secret of [permit?.token ?? 'none', '13800138000', '138 0013 8000', '203.0.113.7', 'idempotency'])
      assert.ok(!text.includes(secret), secret);
  });

  test('lists the newest orders first, page by page, and finds one by what its driver names', async () => {
    const list = async (query: string): Promise<StaffOrderListMessage> =>
      (await see(`/stations/1003/orders${query}`, boss)).json as unknown as StaffOrderListMessage;
    const before = await list('');
    await world.timeline.advance(1);
    const key = await placeOrder(world, { pump: 5, user: { plate: '粤B77777' } });
    await world.timeline.advance(1);
    for (let more = 0; more < ordersShownMax; more += 1) await placeOrder(world, { pump: 1 });
    const first = await list('');
    assert.equal(first.orders.length, ordersShownMax);
    const second = await list(`?before=${first.next}`);
    assert.equal(second.orders[0]?.orderId, key.orderId);
    assert.deepEqual(
      second.orders.slice(1).map(({ orderId }) => orderId),
      before.orders.map(({ orderId }) => orderId),
    );
    for (const query of [
      '?pump=5',
      '?plate=B777',
      '?search=77777',
      `?search=${key.orderId}`,
      '?plate=粤B·77777&state=placed',
    ])
      assert.deepEqual(
        (await list(query)).orders.map(({ orderId }) => orderId),
        [key.orderId],
        query,
      );
    assert.equal(first.station.timeZone, 'Asia/Shanghai');
    for (const query of ['?pump=0', '?pump=x', '?state=lost', '?before=1', '?search='])
      assertRefused(await see(`/stations/1003/orders${query}`, boss), 'malformed_body');
  });
});
