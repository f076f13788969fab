import {
  type DeskPayment,
  deskParts,
  type DeskRefund,
  deskRefundsMax,
  type DeskService,
  newestForDesk,
} from '../service/desk-service.ts';
import type { Outbox } from '../service/notifier.ts';
import type { AlipayFaults } from './faults.ts';
import { refundedFenOf } from './give-back.ts';
import type { Ledger, Payment, Refund } from './ledger.ts';
import type { Till } from './till.ts';
import { declineTrade, whyNotPayable } from './trade.ts';

export type DeskSettings = {
  readonly cashierUrl: string;
  readonly ledger: Ledger;
  readonly till: Till;
  readonly faults: AlipayFaults;
  readonly notifier: Outbox;
};

/** Alipay as a person plays it, in the words that all services share. */
export function openDesk({ cashierUrl, ledger, till, faults, notifier }: DeskSettings): DeskService {
  return {
    ...deskParts(faults, notifier),
    id: 'alipay',
    name: { zh: '支付宝', en: 'Alipay' },
    cashierUrl,
    payments: () => newestForDesk(ledger.listPayments().map((one) => describePayment(ledger, one))),
    pay(ref, first) {
      const outcome = till.pay(ledger.findPayment(ref), {}, first);
      return outcome.kind === 'paid' ? null : outcome.reason;
    },
    decline(ref) {
      const payment = ledger.findPayment(ref);
      if (declineTrade(ledger, payment)) return null;
      return whyNotPayable(payment, ledger.timeline.now()) ?? 'not_open';
    },
    refunds: () => ledger.listRefunds().map(describeRefund).toSorted(newestFirst).slice(0, deskRefundsMax),
    endRefund: (ref, ending) => till.endRefund(ref, ending === 'succeeded' ? 'SUCCESS' : 'FAILED'),
  };
}

const newestFirst = (a: DeskRefund, b: DeskRefund): number => b.createdAtMs - a.createdAtMs;

const describePayment = (ledger: Ledger, payment: Payment): DeskPayment => ({
  ref: payment.outTradeNo,
  surface: payment.surface,
  description: payment.subject,
  amountMinor: payment.totalFen,
  currency: 'CNY',
  state: stateOf(ledger, payment),
  backMinor: refundedFenOf(ledger, payment.outTradeNo),
  declined: payment.declinedAtMs !== null,
  createdAtMs: payment.placedAtMs,
});

function stateOf(ledger: Ledger, payment: Payment): DeskPayment['state'] {
  if ((payment.trade?.paidAtMs ?? null) !== null)
    return refundedFenOf(ledger, payment.outTradeNo) > 0 ? 'refunded' : 'paid';
  return whyNotPayable(payment, ledger.timeline.now()) === null ? 'open' : 'over';
}

const describeRefund = (refund: Refund): DeskRefund => ({
  ref: refund.outRequestNo,
  paymentRef: refund.outTradeNo,
  amountMinor: refund.refundFen,
  currency: 'CNY',
  state: refund.status,
  createdAtMs: refund.createdAtMs,
  endings: refund.status === 'PENDING' ? ['succeeded', 'failed'] : refund.status === 'FAILED' ? ['succeeded'] : [],
});
