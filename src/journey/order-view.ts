import { formatInstant } from '../base/clock.ts';
import { formatMoneyMinor } from '../base/money.ts';
import { formatPriceMilli, formatVolumeMilli } from '../base/volume.ts';
import type { OrderMessage, PermitMessage } from '../order/order.message.ts';
import { type Attempt, holdsMoney, isCurrent } from '../payment/attempt.ts';
import type { PaymentMessage } from '../payment/payment.message.ts';
import type { Permit } from '../permit/permit.ts';
import type { Books } from './books.ts';
import type { ServiceWatch } from './watch-services.ts';

/** An order as its driver sees it. */
export function toOrderMessage(books: Books, services: Pick<ServiceWatch, 'offered'>): OrderMessage {
  const { order } = books;
  const { station } = order;
  const money = (minor: number): string => formatMoneyMinor(minor, order.currency);
  const price = (milli: number | null): string | null => (milli === null ? null : formatPriceMilli(milli));
  const attempt = attemptToShow(books);
  return {
    orderId: order.orderId,
    state: order.state,
    station: {
      stationNumber: order.stationNumber,
      name: station.name,
      brand: station.brand,
      address: station.address,
      timeZone: station.timeZone,
      methods: [...services.offered(station)],
    },
    grade: order.grade,
    pump: order.pump,
    nozzle: order.nozzle,
    unit: station.unit,
    currency: order.currency,
    volumeStep: formatVolumeMilli(station.volumeStepMilli),
    rounding: station.rounding,
    officialPrice: price(order.officialPriceMilli),
    pumpPrice: formatPriceMilli(order.pumpPriceMilli),
    memberPrice: price(order.memberPriceMilli),
    money: money(order.moneyMinor),
    volume: formatVolumeMilli(order.volumeMilli),
    discount: money(order.discountMinor),
    payable: money(order.payableMinor),
    user: { name: order.userName, phone: order.userPhone, plate: order.userPlate },
    locale: order.locale,
    placedAt: formatInstant(order.placedAt),
    priceHeldUntil: formatInstant(order.priceHeldUntil),
    expiresAt: formatInstant(order.expiresAt),
    payment: attempt === null ? null : toPaymentMessage(attempt),
    refunds: books.refunds.map((refund) => ({
      refundRef: refund.refundRef,
      state: refund.state,
      amount: money(refund.amountMinor),
      reason: refund.reason,
      promisedBy: formatInstant(refund.promisedBy),
    })),
    permit: books.permit === null ? null : toPermitMessage(books.permit),
    dispensed:
      books.dispense === null
        ? null
        : { volume: formatVolumeMilli(books.dispense.volumeMilli), payable: money(books.dispense.payableMinor) },
  };
}

/** The attempt that paid; else the one that is open; else the newest. */
function attemptToShow(books: Books): Attempt | null {
  const paidBy = books.permit?.attemptRef;
  return (
    books.attempts.find((one) => one.attemptRef === paidBy) ??
    books.attempts.find(isCurrent) ??
    books.attempts.find(holdsMoney) ??
    books.attempts.at(-1) ??
    null
  );
}

export const toPaymentMessage = (attempt: Attempt): PaymentMessage => ({
  attemptRef: attempt.attemptRef,
  method: attempt.provider,
  surface: attempt.surface,
  state: attempt.state,
  unknown: attempt.unknown,
  // A link of an attempt that is over must not be followed.
  next: isCurrent(attempt) ? attempt.nextAction : null,
  nextExpiresAt: attempt.nextExpiresAt === null ? null : formatInstant(attempt.nextExpiresAt),
  paidAt: attempt.paidAt === null ? null : formatInstant(attempt.paidAt),
});

export const toPermitMessage = (permit: Permit): PermitMessage => ({
  permitId: permit.permitId,
  shortCode: permit.shortCode,
  token: permit.token,
  issuedAt: formatInstant(permit.issuedAt),
  expiresAt: formatInstant(permit.expiresAt),
  state: permit.state,
});
