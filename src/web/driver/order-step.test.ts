import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { permitStates, type OrderMessage } from '../../order/order.message.ts';
import { isCancellable, isOver, type OrderStep, stepOf, stepShown } from './order-step.ts';
import { sampleOrder, samplePayment, samplePermit, sampleRefund } from './testing/samples.ts';

const paymentStates = ['created', 'pending', 'paid', 'partly_refunded', 'refunded', 'failed', 'closed'] as const;
const orderStates = ['placed', 'paid', 'fulfilled', 'cancelled', 'expired', 'refunded'] as const;

const anyOrder: fc.Arbitrary<OrderMessage> = fc
  .record({
    state: fc.constantFrom(...orderStates),
    payment: fc.option(fc.record({ state: fc.constantFrom(...paymentStates), unknown: fc.boolean() })),
    permit: fc.option(fc.constantFrom(...permitStates)),
  })
  .map(({ state, payment, permit }) => ({
    ...sampleOrder,
    state,
    payment: payment === null ? null : { ...samplePayment, ...payment },
    permit: permit === null ? null : { ...samplePermit, state: permit },
  }));

const unpaid = (payment: Partial<typeof samplePayment>): OrderMessage => ({
  ...sampleOrder,
  payment: { ...samplePayment, ...payment },
});
const paid = (state: (typeof permitStates)[number]): OrderMessage => ({
  ...sampleOrder,
  state: 'paid',
  permit: { ...samplePermit, state },
});

const refunded = (...states: readonly (typeof sampleRefund)['state'][]): OrderMessage => ({
  ...paid('revoked'),
  state: 'refunded',
  refunds: states.map((state) => ({ ...sampleRefund, state })),
});

void describe("the order's page", () => {
  for (const [name, order, step] of [
    ['a placed order', sampleOrder, 'choose_payment'],
    ['a payment under way', unpaid({ state: 'pending' }), 'paying'],
    ['a payment of which nobody knows', unpaid({ state: 'pending', unknown: true }), 'checking'],
    ['a failed payment of which nobody knows', unpaid({ state: 'failed', unknown: true }), 'checking'],
    ['a failed payment', unpaid({ state: 'failed' }), 'choose_payment'],
    ['a closed payment', unpaid({ state: 'closed' }), 'choose_payment'],
    ['money that came before the order says so', unpaid({ state: 'paid' }), 'checking'],
    ['a paid order before its permit', { ...sampleOrder, state: 'paid' }, 'issuing'],
    ['a permit on paper', paid('printed'), 'permit'],
    ['a permit that no printer took', paid('undeliverable'), 'permit'],
    ['a used permit', paid('redeemed'), 'permit_used'],
    ['a permit that is too old', paid('expired'), 'permit_expired'],
    ['a permit withdrawn', paid('revoked'), 'permit_revoked'],
    ['a cancelled order with a payment in doubt', { ...unpaid({ unknown: true }), state: 'cancelled' }, 'checking'],
    ['a cancelled order', { ...sampleOrder, state: 'cancelled' }, 'cancelled'],
    ['an expired order', { ...sampleOrder, state: 'expired' }, 'expired'],
    ['money on its way back', { ...paid('revoked'), state: 'refunded', refunds: [sampleRefund] }, 'refunding'],
    ['money that is held up', refunded('abnormal'), 'refund_held_up'],
    ['money of which a part is held up', refunded('succeeded', 'abnormal', 'requested'), 'refund_held_up'],
    ['money of which a part is on its way', refunded('succeeded', 'due'), 'refunding'],
    ['money given back', { ...paid('revoked'), state: 'refunded' }, 'refunded'],
  ] as const satisfies readonly (readonly [string, OrderMessage, OrderStep])[]) {
    it(`shows ${step} for ${name}`, () => assert.equal(stepOf(order), step));
  }

  it('never offers to pay or to cancel while a payment is in doubt or the order is paid', () => {
    fc.assert(
      fc.property(anyOrder, (order) => {
        const doubtful = order.payment?.unknown === true || order.payment?.state === 'paid';
        if (!doubtful && order.state === 'placed') return;
        assert.notEqual(stepOf(order), 'choose_payment');
        assert.notEqual(stepOf(order), 'paying');
        assert.equal(isCancellable(stepOf(order)), false);
      }),
    );
  });

  it('shows a permit only for an order that the cloud calls paid', () => {
    fc.assert(
      fc.property(anyOrder, (order) => {
        if (stepOf(order) === 'permit') assert.ok(order.permit !== null && ['paid', 'fulfilled'].includes(order.state));
      }),
    );
  });

  it('asks on while money is held up, since a person may put it right', () => {
    assert.equal(isOver(refunded('abnormal')), false);
  });

  it('goes on asking until the permit is used or the money is back', () => {
    assert.equal(isOver(paid('printed')), false);
    assert.equal(isOver(paid('redeemed')), true);
    assert.equal(isOver({ ...paid('redeemed'), refunds: [sampleRefund] }), false);
    assert.equal(isOver({ ...paid('redeemed'), refunds: [{ ...sampleRefund, state: 'succeeded' }] }), true);
    assert.equal(isOver(refunded('requested')), false);
    assert.equal(isOver(refunded('succeeded')), true);
    assert.equal(isOver({ ...sampleOrder, state: 'cancelled' }), false, 'money may still come');
  });

  const pending = unpaid({ state: 'pending' });
  const calm = { isBack: false, attemptRef: null };

  it('says that it checks a payment from which the driver comes back, and asks him nothing meanwhile', () => {
    assert.equal(stepShown(pending, calm), 'paying');
    assert.equal(stepShown(pending, { ...calm, isBack: true }), 'checking');
  });

  it('says that it checks a payment that could not be closed, but not the next one', () => {
    assert.equal(stepShown(pending, { ...calm, attemptRef: samplePayment.attemptRef }), 'checking');
    const next = unpaid({ attemptRef: `${sampleOrder.orderId}02` });
    assert.equal(stepShown(next, { ...calm, attemptRef: samplePayment.attemptRef }), 'paying');
  });

  it('shows what the cloud knows for certain, whatever the phone has doubts about', () => {
    fc.assert(
      fc.property(anyOrder, fc.boolean(), (order, isBack) => {
        const doubts = { isBack, attemptRef: order.payment?.attemptRef ?? null };
        if (stepOf(order) !== 'paying') assert.equal(stepShown(order, doubts), stepOf(order));
      }),
    );
  });
});
