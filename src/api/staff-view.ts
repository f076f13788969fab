import { formatInstant } from '../base/clock.ts';
import { formatMoneyMinor, minorDigits } from '../base/money.ts';
import { formatVolumeMilli } from '../base/volume.ts';
import type { Books } from '../journey/books.ts';
import { leftMinorOf } from '../journey/money-left.ts';
import { toOrderMessage } from '../journey/order-view.ts';
import type { ServiceWatch } from '../journey/watch-services.ts';
import { type Attempt, holdsMoney, isCurrent } from '../payment/attempt.ts';
import type { StoredFact } from '../payment/fact.ts';
import type { Transfer } from '../payment/ledger.ts';
import type { Refund } from '../payment/refund.ts';
import type { Permit } from '../permit/permit.ts';
import type { PermitReport } from '../permit/report.sql.ts';
import { maskAddress, maskName, maskPhone } from '../staff/masked.ts';
import type { StaffOrderLineMessage, StaffOrderMessage, StaffRefundMessage } from '../staff/staff.message.ts';
import type { StaffAction } from '../staff/staff-action.ts';

/** All that is known of one order, beside its books. */
export type OrderProof = {
  readonly facts: readonly StoredFact[];
  readonly reports: readonly PermitReport[];
  readonly transfers: readonly Transfer[];
  readonly actions: readonly StaffAction[];
};

export function toStaffOrderMessage(
  books: Books,
  proof: OrderProof,
  services: Pick<ServiceWatch, 'offered'>,
): StaffOrderMessage {
  const { user, payment: _payment, permit: _permit, locale: _locale, ...order } = toOrderMessage(books, services);
  const { dispense, permit } = books;
  return {
    ...order,
    user: { ...user, phone: user.phone === null ? null : maskPhone(user.phone) },
    paidBy: paidAttempt(books)?.attemptRef ?? null,
    ...moneyBack(books),
    left: money(leftMinorOf(books), order.currency),
    attempts: books.attempts.map((attempt) => toAttemptMessage(attempt, proof.facts)),
    permit: permit === null ? null : toPermitMessage(permit, proof.reports),
    refunds: books.refunds.map(toStaffRefundMessage),
    dispensed:
      dispense === null
        ? null
        : {
            volume: formatVolumeMilli(dispense.volumeMilli),
            payable: money(dispense.payableMinor, order.currency),
            by: dispense.toldBy,
            source: dispense.source,
            toldAt: formatInstant(dispense.toldAt),
          },
    transfers: proof.transfers.map((transfer) => ({
      transferId: transfer.transferId,
      madeAt: formatInstant(transfer.madeAt),
      debit: transfer.debitAccount,
      credit: transfer.creditAccount,
      amount: money(transfer.amountMinor, transfer.currency),
      currency: transfer.currency,
    })),
    actions: proof.actions.map(({ at, kind, by, detail }) => ({ at: formatInstant(at), kind, by, detail })),
  };
}

/** An order in a list. */
export function toStaffOrderLine(books: Books): StaffOrderLineMessage {
  const { order, permit, dispense } = books;
  const attempt = attemptToShow(books);
  return {
    orderId: order.orderId,
    state: order.state,
    pump: order.pump,
    grade: order.grade,
    plate: order.userPlate,
    volume: formatVolumeMilli(order.volumeMilli),
    unit: order.station.unit,
    payable: money(order.payableMinor, order.currency),
    currency: order.currency,
    placedAt: formatInstant(order.placedAt),
    paidAt: instant(paidAttempt(books)?.paidAt ?? null),
    method: attempt?.provider ?? null,
    unknown: books.attempts.some((one) => one.unknown),
    ...moneyBack(books),
    refundStates: [...new Set(books.refunds.map(({ state }) => state))],
    permit: permit === null ? null : { shortCode: permit.shortCode, state: permit.state },
    dispensed: dispense === null ? null : formatVolumeMilli(dispense.volumeMilli),
  };
}

/** The permit stands for the money of one attempt. */
const paidAttempt = ({ attempts, permit }: Books): Attempt | undefined =>
  attempts.find((one) => one.attemptRef === permit?.attemptRef);

function moneyBack(books: Books): Pick<StaffOrderMessage, 'givenBack' | 'onItsWay' | 'heldUp'> {
  const paid = paidAttempt(books);
  const refunds = books.refunds.filter(({ attemptRef }) => attemptRef === paid?.attemptRef);
  const sumOf = (states: readonly Refund['state'][]): string =>
    money(
      refunds.filter(({ state }) => states.includes(state)).reduce((sum, { amountMinor }) => sum + amountMinor, 0),
      books.order.currency,
    );
  return {
    givenBack: money(paid?.refundedMinor ?? 0, books.order.currency),
    onItsWay: sumOf(['due', 'requested']),
    heldUp: sumOf(['abnormal']),
  };
}

/** The attempt that paid, else the one that is open, else the newest. */
const attemptToShow = (books: Books): Attempt | undefined =>
  paidAttempt(books) ?? books.attempts.find(isCurrent) ?? books.attempts.find(holdsMoney) ?? books.attempts.at(-1);

export const toStaffRefundMessage = (refund: Refund): StaffRefundMessage => ({
  refundRef: refund.refundRef,
  attemptRef: refund.attemptRef,
  state: refund.state,
  amount: money(refund.amountMinor, refund.currency),
  currency: refund.currency,
  reason: refund.reason,
  note: refund.note,
  by: refund.orderedBy,
  overridden: refund.overridden,
  dueAt: formatInstant(refund.dueAt),
  promisedBy: formatInstant(refund.promisedBy),
  finishedAt: instant(refund.finishedAt),
});

function toAttemptMessage(attempt: Attempt, facts: readonly StoredFact[]): StaffOrderMessage['attempts'][number] {
  const { openId, ip } = attempt.payer;
  return {
    attemptRef: attempt.attemptRef,
    method: attempt.provider,
    surface: attempt.surface,
    state: attempt.state,
    unknown: attempt.unknown,
    abandoned: attempt.abandoned,
    amount: money(attempt.amountMinor, attempt.currency),
    paid: money(attempt.paidMinor, attempt.currency),
    refunded: money(attempt.refundedMinor, attempt.currency),
    currency: attempt.currency,
    createdAt: formatInstant(attempt.createdAt),
    paidAt: instant(attempt.paidAt),
    providerPaymentId: attempt.providerPaymentId,
    merchantId: attempt.merchantId,
    payer: { openId: openId === undefined ? null : maskName(openId), address: maskAddress(ip) },
    integrity: attempt.integrity,
    facts: facts.filter((one) => one.attemptRef === attempt.attemptRef).map(toFactMessage),
  };
}

const toFactMessage = ({ receivedAt, source, fact, judgement }: StoredFact) => ({
  receivedAt: formatInstant(receivedAt),
  source,
  state: fact.state,
  amount: fact.amount === undefined ? null : money(fact.amount.minor, fact.amount.currency),
  currency: fact.amount?.currency ?? null,
  judgement,
});

const toPermitMessage = (permit: Permit, reports: readonly PermitReport[]): StaffOrderMessage['permit'] => ({
  permitId: permit.permitId,
  shortCode: permit.shortCode,
  state: permit.state,
  stateAt: formatInstant(permit.stateAt),
  issuedAt: formatInstant(permit.issuedAt),
  expiresAt: formatInstant(permit.expiresAt),
  reports: reports.map(({ state, reason, deviceId, deviceRef, reportedAt, receivedAt }) => ({
    state,
    reason,
    deviceId,
    deviceRef,
    reportedAt: formatInstant(reportedAt),
    receivedAt: formatInstant(receivedAt),
  })),
});

const instant = (at: number | null): string | null => (at === null ? null : formatInstant(at));

/** Of a currency that is none, which only a payment service can have named, the number of its smallest parts. */
const money = (minor: number, currency: string): string =>
  minorDigits(currency) === null ? String(minor) : formatMoneyMinor(minor, currency);
