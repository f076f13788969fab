import { formatInstant } from '../base/clock.ts';
import { formatMoneyMinor } from '../base/money.ts';
import { formatVolumeMilli } from '../base/volume.ts';
import { makeEventId, type OutgoingEvent, type OutgoingEventType } from '../outgoing/outgoing-event.ts';
import type { OutgoingEventData } from '../outgoing/outgoing-event.message.ts';
import type { WantsEvent } from '../outgoing/subscription.ts';
import type { Attempt } from '../payment/attempt.ts';
import type { Refund } from '../payment/refund.ts';
import type { Permit, PermitState } from '../permit/permit.ts';
import type { Books } from './books.ts';

/**
 * What the chain's own systems are told of a change: pure, from the books before and after it. States only move on, and where a refund comes back that is
 * counted; so each event follows from the one change that brings it, and its name from what it is about: the same change derived again is the same event. A
 * state that was entered and left within one change is no news.
 */
export function outgoingEventsOf(
  before: Books,
  after: Books,
  now: number,
  wants: WantsEvent,
): readonly OutgoingEvent[] {
  const { stationNumber, orderId } = after.order;
  return newsOf(before, after)
    .filter(({ type }) => wants(type, stationNumber))
    .map(({ type, subject, attempt, refund }) => ({
      stationNumber,
      orderId,
      eventId: makeEventId(orderId, type, subject),
      type,
      data: {
        order: describeOrder(after),
        payment: describePayment(attempt ?? attemptThatPaid(after)),
        permit: describePermit(after.permit),
        refund: refund === undefined ? null : describeRefund(refund),
      },
      madeAt: now,
    }));
}

/** `subject` tells events of one type of one order apart. */
type News = {
  readonly type: OutgoingEventType;
  readonly subject: string;
  readonly attempt?: Attempt | undefined;
  readonly refund?: Refund;
};

/** In the order in which it came to be: the money, the order, its permit, and what goes back. */
const newsOf = (before: Books, after: Books): readonly News[] => [
  ...integrityNews(before, after),
  ...(becamePaid(before, after) ? [ofOrder('order.paid')] : []),
  ...permitNews(before, after),
  ...endNews(before, after),
  ...(before.dispense === null && after.dispense !== null ? [ofOrder('order.dispensed')] : []),
  ...refundNews(before, after),
];

const ofOrder = (type: OutgoingEventType): News => ({ type, subject: '' });

/** Paid means that a permit was given, even where the money had to go back in the same change. */
const becamePaid = (before: Books, after: Books): boolean =>
  before.order.state === 'placed' && before.permit === null && after.permit !== null;

const eventOfPermitState: Readonly<Record<PermitState, OutgoingEventType | null>> = {
  issued: null,
  // The terminal has it: nothing that the driver or the chain could act upon.
  sent: null,
  printed: 'permit.printed',
  processed: 'permit.processed',
  unconfirmed: 'permit.unconfirmed',
  undeliverable: 'permit.undeliverable',
  redeemed: 'permit.redeemed',
  revoked: 'permit.revoked',
  // When it ends stands in the permit from the beginning.
  expired: null,
};

function permitNews(before: Books, after: Books): readonly News[] {
  if (after.permit === null) return [];
  const type = after.permit.state === before.permit?.state ? null : eventOfPermitState[after.permit.state];
  return [...(before.permit === null ? [ofOrder('permit.issued')] : []), ...(type === null ? [] : [ofOrder(type)])];
}

function endNews(before: Books, after: Books): readonly News[] {
  const { state } = after.order;
  if (state === before.order.state || state === 'placed' || state === 'paid') return [];
  return [ofOrder(`order.${state}`)];
}

function integrityNews(before: Books, after: Books): readonly News[] {
  return after.attempts.flatMap((attempt): readonly News[] => {
    const known = before.attempts.find((one) => one.attemptRef === attempt.attemptRef)?.integrity ?? null;
    if (attempt.integrity === null || attempt.integrity === known) return [];
    return [{ type: 'payment.integrity', subject: `${attempt.attemptRef} ${attempt.integrity}`, attempt }];
  });
}

function refundNews(before: Books, after: Books): readonly News[] {
  return after.refunds.flatMap((refund): readonly News[] => {
    const known = before.refunds.find((one) => one.refundRef === refund.refundRef);
    const attempt = after.attempts.find((one) => one.attemptRef === refund.attemptRef);
    const news = (type: OutgoingEventType, subject: string): News => ({ type, subject, attempt, refund });
    const moved = refund.state !== known?.state || refund.bounces !== known.bounces;
    // It comes to its end anew each time that the payer's bank sent the money back.
    const ending = `${refund.refundRef} ${refund.bounces}`;
    return [
      // What somebody gave back at the payment service was never due from us.
      ...(known === undefined && refund.reason !== 'elsewhere' ? [news('refund.due', refund.refundRef)] : []),
      ...(moved && refund.state === 'succeeded' ? [news('refund.succeeded', ending)] : []),
      ...(moved && refund.state === 'abnormal' ? [news('refund.abnormal', ending)] : []),
    ];
  });
}

const attemptThatPaid = ({ attempts, permit }: Books): Attempt | undefined =>
  permit === null ? undefined : attempts.find((one) => one.attemptRef === permit.attemptRef);

const describeOrder = ({ order, dispense }: Books): OutgoingEventData['order'] => ({
  orderId: order.orderId,
  stationNumber: order.stationNumber,
  state: order.state,
  grade: order.grade,
  pump: order.pump,
  nozzle: order.nozzle,
  volume: formatVolumeMilli(order.volumeMilli),
  unit: order.station.unit,
  money: formatMoneyMinor(order.moneyMinor, order.currency),
  discount: formatMoneyMinor(order.discountMinor, order.currency),
  payable: formatMoneyMinor(order.payableMinor, order.currency),
  currency: order.currency,
  placedAt: formatInstant(order.placedAt),
  dispensed:
    dispense === null
      ? null
      : {
          volume: formatVolumeMilli(dispense.volumeMilli),
          payable: formatMoneyMinor(dispense.payableMinor, order.currency),
          source: dispense.source,
          toldAt: formatInstant(dispense.toldAt),
        },
});

function describePayment(attempt: Attempt | undefined): OutgoingEventData['payment'] {
  if (attempt === undefined) return null;
  return {
    attemptRef: attempt.attemptRef,
    method: attempt.provider,
    state: attempt.state,
    paid: formatMoneyMinor(attempt.paidMinor, attempt.currency),
    refunded: formatMoneyMinor(attempt.refundedMinor, attempt.currency),
    currency: attempt.currency,
    paidAt: attempt.paidAt === null ? null : formatInstant(attempt.paidAt),
    integrity: attempt.integrity,
  };
}

/** Neither token nor short code: who holds those may leave. */
function describePermit(permit: Permit | null): OutgoingEventData['permit'] {
  if (permit === null) return null;
  const { permitId, state, stateAt, issuedAt, expiresAt } = permit;
  return {
    permitId,
    state,
    stateAt: formatInstant(stateAt),
    issuedAt: formatInstant(issuedAt),
    expiresAt: formatInstant(expiresAt),
  };
}

const describeRefund = (refund: Refund): NonNullable<OutgoingEventData['refund']> => ({
  refundRef: refund.refundRef,
  attemptRef: refund.attemptRef,
  state: refund.state,
  reason: refund.reason,
  amount: formatMoneyMinor(refund.amountMinor, refund.currency),
  currency: refund.currency,
});
