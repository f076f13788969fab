import { secondMs } from '../../base/clock.ts';
import type { FirstDelivery } from '../service/notifier.ts';
import { createOrderedEndings } from '../service/ordered-endings.ts';
import { type ApiAnswer, notExist } from './api-answer.ts';
import { cancelTrade, endRefund, giveBack, refundedFenOf, type RefundEnding } from './give-back.ts';
import type { Ledger, Payment, Refund } from './ledger.ts';
import { writeYuan } from './money.ts';
import type { AlipayNotifier } from './notifier.ts';
import { beginTrade, closeTrade, endTrade, type findTrade, payTrade, type PayOutcome, type PayWish } from './trade.ts';

const refundTakesMs = 10 * secondMs;

type Named = Parameters<typeof findTrade>[1];

/** Where money moves and trades change: each change is written down first and told to the merchant then. */
export type Till = {
  /** The payer scans, or signs in. Null where it cannot be paid any more. */
  begin(payment: Payment | undefined): Payment | null;
  /** `first` says what becomes of the first notification. */
  pay(payment: Payment | undefined, wish?: PayWish, first?: FirstDelivery): PayOutcome;
  close(named: Named): ApiAnswer;
  cancel(named: Named): ApiAnswer;
  refund(content: unknown): ApiAnswer;
  /** Ends a refund that has not succeeded, now. False where there is none. */
  endRefund(outRequestNo: string, ending: RefundEnding): boolean;
  /** How the next `times` refunds shall end. */
  endNextRefunds(ending: RefundEnding, times: number): void;
  /** A person gives money back in Alipay's own console, under a number that the merchant's program does not know. */
  refundElsewhere(outTradeNo: string, refundFen: number, outRequestNo: string): ApiAnswer;
};

/**
 * Face to face (a code) the real service tells of success alone; for pages it tells of the end of a trade too (Alipay, what sets off notifications).
 */
const tellsOfClosing = (payment: Payment): boolean => payment.surface === 'WAP';

/** Trades that wait and refunds that are under way in the ledger go on. */
export function openTill(ledger: Ledger, notifier: AlipayNotifier): Till {
  const { timeline } = ledger;
  const endings = createOrderedEndings<RefundEnding>();

  /** At `time_expire` a trade that still waits is closed. */
  function closeInTime({ outTradeNo, lastPayableMs }: Payment): void {
    timeline.after(Math.max(0, lastPayableMs - timeline.now()) + 1, async () => {
      const payment = ledger.findPayment(outTradeNo);
      if (payment === undefined || timeline.now() <= payment.lastPayableMs) return;
      tellClosed(endTrade(ledger, payment));
      await notifier.settled();
    });
  }

  function tellClosed(closed: Payment | null): void {
    if (closed !== null && tellsOfClosing(closed)) notifier.notify(closed);
  }

  function tellRefund(refund: Refund | null): void {
    const payment = refund === null ? undefined : ledger.findPayment(refund.outTradeNo);
    if (refund?.status !== 'SUCCESS' || payment === undefined) return;
    if (payment.trade?.status === 'TRADE_CLOSED' && !tellsOfClosing(payment)) return;
    notifier.notify(payment, { refund, refundedFen: refundedFenOf(ledger, refund.outTradeNo) });
  }

  function finishLater(refund: Refund): void {
    timeline.after(refundTakesMs, async () => {
      if (ledger.findRefund(refund.outTradeNo, refund.outRequestNo)?.status !== 'PENDING') return;
      tellRefund(endRefund(ledger, refund, 'SUCCESS'));
      await notifier.settled();
    });
  }

  function refund(content: unknown, nextEnding: () => RefundEnding): ApiAnswer {
    const { answer, moved } = giveBack(ledger, content, nextEnding);
    if (moved?.status === 'PENDING') finishLater(moved);
    tellRefund(moved);
    return answer;
  }

  const begin = (payment: Payment | undefined): Payment | null => {
    const begun = beginTrade(ledger, payment);
    if (begun !== null && payment?.trade === null) closeInTime(begun);
    return begun;
  };

  for (const payment of ledger.listPayments()) if (payment.trade?.status === 'WAIT_BUYER_PAY') closeInTime(payment);
  for (const one of ledger.listRefunds()) if (one.status === 'PENDING') finishLater(one);
  return {
    begin,
    pay(payment, wish, first) {
      const outcome = payTrade(ledger, payment, wish);
      if (outcome.kind === 'paid') notifier.notify(outcome.payment, null, first);
      return outcome;
    },
    close(named) {
      const { answer, closed } = closeTrade(ledger, named);
      tellClosed(closed);
      return answer;
    },
    cancel(named) {
      const { answer, closed, moved } = cancelTrade(ledger, named);
      tellClosed(closed);
      tellRefund(moved);
      return answer;
    },
    refund: (content) => refund(content, () => endings.take() ?? 'SUCCESS'),
    endRefund(outRequestNo, ending) {
      const found = ledger.listRefunds().find((one) => one.outRequestNo === outRequestNo && one.status !== 'SUCCESS');
      if (found === undefined) return false;
      const ended = endRefund(ledger, found, ending === 'SUCCESS' ? 'SUCCESS' : 'FAILED');
      tellRefund(ended);
      return true;
    },
    endNextRefunds: (ending, times) => endings.order(ending, times),
    refundElsewhere: (outTradeNo, refundFen, outRequestNo) =>
      ledger.findPayment(outTradeNo) === undefined
        ? notExist
        : refund(
            { out_trade_no: outTradeNo, refund_amount: writeYuan(refundFen), out_request_no: outRequestNo },
            () => 'SUCCESS',
          ),
  };
}
