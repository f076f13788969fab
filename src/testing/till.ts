import assert from 'node:assert/strict';
import { after, afterEach, before } from 'node:test';
import { isRefusal } from '../base/problem.ts';
import type { OrderKey } from '../order/order.ts';
import type { Attempt } from '../payment/attempt.ts';
import { findFacts } from '../payment/fact.sql.ts';
import type { StoredFact } from '../payment/fact.ts';
import { findBalances } from '../payment/ledger.sql.ts';
import type { PaymentProvider, RawNotification } from '../payment/provider/provider.ts';
import type { SimulatedService } from '../simulator/payment-simulators.ts';
import {
  booksOf,
  findBroken,
  forgetOrders,
  openTestJourney,
  placeOrder,
  pressPay,
  type SentNotification,
  type TestJourney,
  type Way,
} from './journey.ts';

/** What an authentic message lies about: less or more money than the order's, another merchant or app, another currency, test money for live. */
export type Lie = 'less' | 'more' | 'merchant' | 'app' | 'currency' | 'mode';

export type PayHow = {
  /** The payer pays although his time has run out, or after a close. */
  readonly late?: boolean;
  /** The notification of it gets lost for now. */
  readonly quietly?: boolean;
  readonly lie?: Lie;
};

export type Operation = 'create' | 'query' | 'close' | 'refund' | 'queryRefund' | 'notify';

/** One payment service, played in words that are the same for all, so that a scenario is told once. */
export type Till = {
  readonly service: SimulatedService;
  readonly name: string;
  /** A way to pay that calls the service. */
  readonly way: Way;
  readonly lies: readonly Lie[];
  /** The payer pays; resolves when the notification was delivered, or as its trouble has it. */
  pay(attemptRef: string, how?: PayHow): Promise<void>;
  /** The payer turns away. */
  decline(attemptRef: string): void;
  canBePaid(attemptRef: string): boolean;
  trouble(operation: Operation, kind: string, times?: number, ms?: number): void;
  peace(): void;
  /** How often it was called for this: the operation, and a word in its address or body. */
  calls(operation: string, about: string): number;
  /** The sum that it has given back of this payment, in minor units. */
  givenBack(attemptRef: string): number;
  endNextRefundBadly(): void;
  provider(): PaymentProvider;
  rotateKeys(): Promise<unknown>;
  settled(): Promise<void>;
};

const notPaid = (attemptRef: string, why: string): never => assert.fail(`${attemptRef} was not paid: ${why}`);

export function wechatPayTill(world: TestJourney): Till {
  const { control } = world.simulators['wechat-pay'];
  const lies = {
    less: { totalFen: 1 },
    more: { totalFen: 30_000 },
    merchant: { mchid: '1900000009' },
    app: { appid: 'wxffffffffffffffff' },
    currency: { currency: 'USD' },
    mode: {},
  };
  return {
    ...commonTill(world, 'wechat-pay', { method: 'wechat-pay', surface: 'wechat.native' }),
    lies: ['less', 'more', 'merchant', 'app', 'currency'],
    async pay(attemptRef, { late = false, quietly = false, lie } = {}) {
      if (quietly) control.addFault({ operation: 'notify', kind: 'drop' });
      const claims = lie === undefined ? {} : lies[lie];
      const outcome = control.pay(attemptRef, { evenIfLate: late, claims });
      if (outcome.kind !== 'paid') notPaid(attemptRef, outcome.reason);
      await control.settled();
    },
    endNextRefundBadly: () => control.endNextRefunds('ABNORMAL'),
  };
}

export function alipayTill(world: TestJourney): Till {
  const { control } = world.simulators.alipay ?? assert.fail('this world has no Alipay');
  const lies = {
    less: { totalFen: 1 },
    more: { totalFen: 30_000 },
    merchant: { sellerId: '2088000000000009' },
    app: { appId: '2021000000000009' },
    currency: {},
    mode: {},
  };
  const common = commonTill(world, 'alipay', { method: 'alipay', surface: 'alipay.qr' });
  return {
    ...common,
    lies: ['less', 'more', 'merchant', 'app'],
    async pay(attemptRef, { late = false, quietly = false, lie } = {}) {
      if (quietly) control.addFault({ operation: 'notify', kind: 'drop' });
      const claims = lie === undefined ? {} : lies[lie];
      const outcome = control.pay(attemptRef, { evenIfLate: late, claims });
      if (outcome.kind !== 'paid') notPaid(attemptRef, outcome.reason);
      await control.settled();
    },
    decline(attemptRef) {
      // Before the payer has scanned there is nothing that he could turn away from.
      control.scan(attemptRef);
      common.decline(attemptRef);
    },
    endNextRefundBadly: () => control.endNextRefunds('FAILED'),
  };
}

export function stripeTill(world: TestJourney): Till {
  const { control } = world.simulators.stripe ?? assert.fail('this world has no Stripe');
  const lies = { less: 'other_amount', currency: 'other_currency', mode: 'other_mode' } as const;
  return {
    ...commonTill(world, 'stripe', { method: 'stripe', surface: 'card.hosted' }),
    lies: ['less', 'currency', 'mode'],
    async pay(attemptRef, { quietly = false, lie } = {}) {
      if (quietly) control.addFault({ operation: 'notify', kind: 'drop' });
      if (lie === 'less' || lie === 'currency' || lie === 'mode')
        control.addFault({ operation: 'notify', kind: lies[lie] });
      const outcome = control.pay(attemptRef);
      if (outcome.kind !== 'paid') notPaid(attemptRef, outcome.kind === 'refused' ? outcome.reason : outcome.kind);
      await control.settled();
    },
    endNextRefundBadly: () => control.endNextRefunds('failed'),
  };
}

function commonTill(world: TestJourney, service: SimulatedService, way: Way) {
  const simulator = world.simulators[service] ?? assert.fail(`this world has no ${service}`);
  const { desk, control } = simulator;
  return {
    service,
    name: desk.name.en,
    way,
    decline: (attemptRef: string) => assert.equal(desk.decline(attemptRef), null),
    canBePaid: (attemptRef: string) => desk.payments().some((one) => one.ref === attemptRef && one.state === 'open'),
    trouble: (operation: Operation, kind: string, times = 1, ms = 0) => desk.addFault({ operation, kind, times, ms }),
    peace: () => desk.clearFaults(),
    calls: (operation: string, about: string) =>
      control
        .traffic()
        .filter((one) => one.operation === operation && (one.url.includes(about) || one.request.includes(about)))
        .length,
    givenBack: (attemptRef: string) =>
      desk
        .refunds()
        .filter((one) => one.paymentRef === attemptRef)
        .reduce((sum, one) => sum + one.amountMinor, 0),
    provider: () => world.journey.accounts.named(service, 'main') ?? assert.fail(`no account at ${service}`),
    rotateKeys: () => control.rotateKeys(),
    settled: () => control.settled(),
  };
}

/** The services, in the order in which `onStage` hands out their tills. */
export const serviceNames = ['WeChat Pay', 'Alipay', 'Stripe'] as const;

/**
 * Opens a world with all three payment services for the tests of a `describe`, and closes it after them. After each test what troubled it is over, the
 * audit must find nothing, and its orders are forgotten.
 */
export function onStage(opened: (world: TestJourney, tills: readonly Till[]) => void): void {
  let world: TestJourney | undefined;
  const stage = (): TestJourney => world ?? assert.fail('the world is not open');
  before(async () => {
    world = await openTestJourney({ more: ['alipay', 'stripe'] });
    opened(world, tillsOf(world));
  });
  afterEach(async () => {
    for (const till of tillsOf(stage())) till.peace();
    stage().wire.refused = false;
    stage().wire.clockSkewMs = 0;
    assert.deepEqual(await findBroken(stage()), []);
    await forgetOrders(stage());
    stage().alarms.length = 0;
  });
  after(() => stage().stop());
}

export const tillsOf = (world: TestJourney): readonly Till[] => [
  wechatPayTill(world),
  alipayTill(world),
  stripeTill(world),
];

/** Places an order and opens its payment here. */
export async function orderAt(
  world: TestJourney,
  till: Till,
  way: Way = {},
): Promise<{ key: OrderKey; attempt: Attempt }> {
  const key = await placeOrder(world);
  return { key, attempt: await startAt(world, till, key, way) };
}

export async function startAt(world: TestJourney, till: Till, key: OrderKey, way: Way = {}): Promise<Attempt> {
  const attempt = await pressPay(world, key, { ...till.way, ...way });
  if (isRefusal(attempt)) return assert.fail(`paying by ${till.service} was refused: ${JSON.stringify(attempt)}`);
  return attempt;
}

/** The newest notification of this service as it left there. */
export const lastSent = (world: TestJourney, { service }: Till): SentNotification =>
  world.sent.findLast(({ url }) => url.endsWith(`/v1/notifications/${service}`)) ?? assert.fail('nothing was sent');

/** As a node takes it that is handed it directly. */
export const rawOf = (world: TestJourney, { headers, body }: SentNotification): RawNotification => ({
  headers,
  rawBody: Buffer.from(body),
  receivedAt: world.timeline.now(),
});

export const postSent = async ({ url, headers, body }: SentNotification): Promise<number> =>
  (await fetch(url, { method: 'POST', headers, body })).status;

export const factsAbout = (
  world: TestJourney,
  { stationNumber }: OrderKey,
  attemptRef: string,
): Promise<readonly StoredFact[]> => findFacts(world.journey.db, stationNumber, attemptRef);

/** Paid, once: one permit of this attempt, and the books have the money once. */
export async function assertPaidOnce(world: TestJourney, key: OrderKey, attempt: Attempt): Promise<void> {
  const { order, permit, attempts, refunds } = await booksOf(world, key);
  assert.deepEqual([order.state, permit?.attemptRef, refunds], ['paid', attempt.attemptRef, []]);
  assert.equal(attempts.find((one) => one.attemptRef === attempt.attemptRef)?.state, 'paid');
  const balances = await findBalances(world.journey.db, key.orderId);
  assert.deepEqual(
    balances.map((one) => [one.account, one.debitMinor - one.creditMinor]),
    [
      [`clearing:${attempt.provider}`, order.payableMinor],
      ['customer-liability', -order.payableMinor],
    ],
  );
}

export async function assertUnpaid(world: TestJourney, key: OrderKey): Promise<void> {
  const { order, permit } = await booksOf(world, key);
  assert.deepEqual([order.state, permit, await findBalances(world.journey.db, key.orderId)], ['placed', null, []]);
}
