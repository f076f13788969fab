import { secondMs } from '../../base/clock.ts';
import type { FirstDelivery } from '../service/notifier.ts';
import { createOrderedEndings } from '../service/ordered-endings.ts';
import type { Credentials } from './credentials.ts';
import { describeRefundNotice, finishRefund } from './give-back.ts';
import type { Ledger, Payment, Refund } from './ledger.ts';
import type { WechatPayNotifier } from './notifier.ts';
import { describePayment, type PayOutcome, payOrder, type PayWish } from './pay.ts';

const refundTakesMs = 3 * secondMs;

export const refundEndings = ['SUCCESS', 'ABNORMAL', 'CLOSED'] as const;
export type RefundEnding = (typeof refundEndings)[number];

/** Where money moves: each movement is written down first and told to the merchant then. */
export type Till = {
  /** `first` says what becomes of the first notification. */
  pay(payment: Payment | undefined, wish?: PayWish, first?: FirstDelivery): PayOutcome;
  /** Lets a refund come to its end after a while: as ordered, else well. */
  finishLater(refund: Refund): void;
  /** Ends a refund now. False where none is under way or abnormal. */
  endRefund(outRefundNo: string, ending: RefundEnding): boolean;
  /** How the next `times` refunds shall end. */
  endNextRefunds(ending: RefundEnding, times: number): void;
};

/** Refunds that the ledger still has under way go on. */
export function openTill(ledger: Ledger, notifier: WechatPayNotifier, credentials: Credentials): Till {
  const { timeline } = ledger;
  const endings = createOrderedEndings<RefundEnding>();
  const till: Till = {
    pay(payment, wish, first) {
      const outcome = payOrder(ledger, payment, wish);
      if (outcome.kind === 'paid') notifyPaid(notifier, outcome.payment, credentials, first);
      return outcome;
    },
    finishLater(refund) {
      timeline.after(refundTakesMs, async () => {
        if (ledger.findRefund(refund.outRefundNo)?.status !== 'PROCESSING') return;
        till.endRefund(refund.outRefundNo, endings.take() ?? 'SUCCESS');
        await notifier.settled();
      });
    },
    endRefund(outRefundNo, ending) {
      const refund = finishRefund(ledger, outRefundNo, ending);
      if (refund !== null) notifyRefund(notifier, ledger, refund, credentials);
      return refund !== null;
    },
    endNextRefunds: (ending, times) => endings.order(ending, times),
  };
  for (const refund of ledger.listRefunds()) if (refund.status === 'PROCESSING') till.finishLater(refund);
  return till;
}

function notifyPaid(
  notifier: WechatPayNotifier,
  payment: Payment,
  credentials: Credentials,
  first: FirstDelivery | undefined,
): void {
  const subject = {
    about: payment.outTradeNo,
    url: payment.notifyUrl,
    eventType: 'TRANSACTION.SUCCESS',
    originalType: 'transaction',
    summary: '支付成功',
    resource: describePayment(payment, credentials),
  };
  notifier.notify(subject, first);
}

const refundSummaries = { PROCESSING: '', SUCCESS: '退款成功', ABNORMAL: '退款异常', CLOSED: '退款关闭' } as const;

/** A merchant who named no address for refunds hears of none. */
function notifyRefund(notifier: WechatPayNotifier, ledger: Ledger, refund: Refund, credentials: Credentials): void {
  const payment = ledger.findPayment(refund.outTradeNo);
  if (payment === undefined || refund.notifyUrl === null) return;
  notifier.notify({
    about: refund.outRefundNo,
    url: refund.notifyUrl,
    eventType: `REFUND.${refund.status}`,
    originalType: 'refund',
    summary: refundSummaries[refund.status],
    resource: describeRefundNotice(refund, payment, credentials),
  });
}
