import {
  type DeskPayment,
  deskParts,
  type DeskRefund,
  deskRefundsMax,
  type DeskService,
  newestForDesk,
} from '../service/desk-service.ts';
import type { Outbox } from '../service/notifier.ts';
import type { WechatPayFaults } from './faults.ts';
import type { Ledger, Payment, Refund } from './ledger.ts';
import { declineOrder, whyNotPayable } from './pay.ts';
import type { Till } from './till.ts';

export type DeskSettings = {
  readonly cashierUrl: string;
  readonly ledger: Ledger;
  readonly till: Till;
  readonly faults: WechatPayFaults;
  readonly notifier: Outbox;
};

/** WeChat Pay as a person plays it, in the words that all services share. */
export function openDesk({ cashierUrl, ledger, till, faults, notifier }: DeskSettings): DeskService {
  return {
    ...deskParts(faults, notifier),
    id: 'wechat-pay',
    name: { zh: '微信支付', en: 'WeChat Pay' },
    cashierUrl,
    payments: () => newestForDesk(ledger.listPayments().map((one) => describePayment(ledger, one))),
    pay(ref, first) {
      const outcome = till.pay(ledger.findPayment(ref), {}, first);
      return outcome.kind === 'paid' ? null : outcome.reason;
    },
    decline(ref) {
      const payment = ledger.findPayment(ref);
      if (declineOrder(ledger, payment)) return null;
      return whyNotPayable(payment, ledger.timeline.now()) ?? 'not_open';
    },
    refunds: () => ledger.listRefunds().map(describeRefund(ledger)).toSorted(newestFirst).slice(0, deskRefundsMax),
    endRefund(ref, ending) {
      const refund = ledger.findRefund(ref);
      if (refund === undefined || !endingsOf(refund).includes(ending)) return false;
      return till.endRefund(ref, ending === 'succeeded' ? 'SUCCESS' : 'ABNORMAL');
    },
  };
}

const newestFirst = (a: DeskRefund, b: DeskRefund): number => b.createdAtMs - a.createdAtMs;

function describePayment(ledger: Ledger, payment: Payment): DeskPayment {
  return {
    ref: payment.outTradeNo,
    surface: payment.tradeType,
    description: payment.description,
    amountMinor: payment.totalFen,
    currency: payment.currency,
    state: stateOf(payment, ledger.timeline.now()),
    backMinor: backFenOf(ledger, payment),
    declined: payment.declinedAtMs !== null,
    createdAtMs: payment.createdAtMs,
  };
}

const backFenOf = (ledger: Ledger, { outTradeNo }: Payment): number =>
  ledger
    .refundsOf(outTradeNo)
    .filter(({ status }) => status === 'SUCCESS')
    .reduce((sum, { refundFen }) => sum + refundFen, 0);

function stateOf(payment: Payment, nowMs: number): DeskPayment['state'] {
  if (payment.state === 'REFUND') return 'refunded';
  if (payment.state === 'SUCCESS') return 'paid';
  // A link that is too old is not the end: the merchant can ask for a fresh one, but nobody can pay by this.
  return whyNotPayable(payment, nowMs) === null ? 'open' : 'over';
}

const describeRefund =
  (ledger: Ledger) =>
  (refund: Refund): DeskRefund => ({
    ref: refund.outRefundNo,
    paymentRef: refund.outTradeNo,
    amountMinor: refund.refundFen,
    currency: ledger.findPayment(refund.outTradeNo)?.currency ?? 'CNY',
    state: refund.status,
    createdAtMs: refund.createdAtMs,
    endings: endingsOf(refund),
  });

/** An abnormal refund can still be put right, as a person does at the real service. */
function endingsOf({ status }: Refund): DeskRefund['endings'] {
  if (status === 'PROCESSING') return ['succeeded', 'failed'];
  return status === 'ABNORMAL' ? ['succeeded'] : [];
}
