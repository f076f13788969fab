import { hourMs } from '../../../base/clock.ts';
import { holdsMoney } from '../../../payment/attempt.ts';
import { type BillPair, newsOf } from '../../../payment/bill-match.ts';
import { ProviderError } from '../../../payment/provider/provider.ts';
import { callService } from './call-service.ts';
import type { House } from '../house.ts';
import type { Payment, PaymentService, ServiceRefund, Trade } from '../service/payment-service.ts';
import { serveRefundQuery } from '../service/service-calls.ts';
import { settle } from './settle.ts';
import type { Step } from './step.ts';

/** A bill is made in the morning of the next day: what is younger is not in it. */
const billedAfterMs = 10 * hourMs;

/** As `applyBill`: payments before refunds before what came back of them, each row that tells what we do not know. */
export function* readBill(house: House, service: PaymentService): Step<void> {
  for (const pairsOf of [pairsOfPayments, pairsOfRefunds, pairsOfReturns]) {
    yield 'rows';
    for (const pair of pairsOf(house, service)) {
      const news = newsOf(pair, service.account, house.now);
      if (news?.kind === 'fact') yield* settle(house, [{ service, fact: news.fact }]);
      if (news?.kind === 'ask') yield* askAfterRefund(house, service, news);
    }
  }
}

function* askAfterRefund(
  house: House,
  service: PaymentService,
  name: { readonly refundRef: string; readonly attemptRef: string },
): Step<void> {
  try {
    const fact = yield* callService(house, service, 'queryRefund', (now) => serveRefundQuery(service, name, now));
    yield* settle(house, [{ service, fact: { ...fact, attemptRef: name.attemptRef } }]);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
  }
}

/** As `findPairsWithNews`: payments that we do not hold. */
function pairsOfPayments(house: House, service: PaymentService): readonly BillPair[] {
  const { attempts } = house.rows.books;
  const rows = [
    ...service.strangers,
    ...[...service.trades.values()].flatMap((trade) =>
      trade.payment === null ? [] : [[trade.attemptRef, trade.payment] as const],
    ),
  ];
  return rows
    .filter(([, payment]) => payment.at <= house.now - billedAfterMs)
    .filter(([attemptRef]) => {
      const attempt = attempts.find((one) => one.attemptRef === attemptRef);
      return attempt === undefined ? unmatched(house, service, attemptRef) === null : !holdsMoney(attempt);
    })
    .map(([attemptRef, payment]) => ({
      ...lineOf(house, service, attemptRef, payment),
      kind: 'payment',
      rowRef: attemptRef,
      refundState: null,
      refund: null,
      namelessMinor: 0,
      bounced: null,
    }));
}

/** As `findPairsWithNews`: refunds that we do not hold as done. */
function pairsOfRefunds(house: House, service: PaymentService): readonly BillPair[] {
  return [...service.trades.values()].flatMap((trade) => {
    const { payment, attemptRef } = trade;
    // One that came to nothing moved no money.
    const billed = trade.refunds.filter(({ at, state }) => at <= house.now - billedAfterMs && state !== 'closed');
    return billed.flatMap((refund, index) => {
      const held = house.rows.books.refunds.find((one) => one.refundRef === refund.refundRef);
      const { state: refundState } = refund;
      if (payment === null || refundState === 'closed') return [];
      if (held?.state === 'succeeded' || (held?.bounces ?? 0) > 0) return [];
      const line = lineOf(house, service, attemptRef, { ...payment, minor: refund.minor, at: refund.at });
      const namelessMinor = held === undefined ? namelessOf(house, trade, refund, billed.slice(0, index)) : 0;
      const rest = { rowRef: refund.refundRef, refundState, refund: held ?? null, namelessMinor, bounced: null };
      return [{ ...line, kind: 'refund' as const, ...rest }];
    });
  });
}

/** As `bounced`: money that came back to us may be any refund of that sum. */
function pairsOfReturns(house: House, service: PaymentService): readonly BillPair[] {
  const { refunds } = house.rows.books;
  return [...service.trades.values()].flatMap(({ attemptRef, payment, refunds: there }) =>
    there.flatMap(({ minor, bouncedAt }) => {
      if (payment === null || bouncedAt === null || bouncedAt > house.now - billedAfterMs) return [];
      const ofThisSum = refunds
        .filter((one) => one.attemptRef === attemptRef && one.amountMinor === minor)
        .map(({ refundRef, bounces, state }) => ({ refundRef, isKnown: bounces > 0 || state === 'abnormal' }));
      const line = lineOf(house, service, attemptRef, { ...payment, minor, at: bouncedAt });
      const bounced = ofThisSum.find(({ isKnown }) => isKnown) ?? ofThisSum[0] ?? null;
      const rest = { rowRef: `other:${attemptRef}:${bouncedAt}`, refundState: null, refund: null, namelessMinor: 0 };
      return [{ ...line, kind: 'other' as const, ...rest, bounced }];
    }),
  );
}

/** As `namelessMinor`: of what we were told went back without a name, what no earlier row has used up. */
function namelessOf(house: House, trade: Trade, { minor }: ServiceRefund, earlier: readonly ServiceRefund[]): number {
  const { attempts, refunds } = house.rows.books;
  const attempt = attempts.find((one) => one.attemptRef === trade.attemptRef);
  if (attempt === undefined) return 0;
  const named = refunds.filter((one) => one.attemptRef === attempt.attemptRef && one.state === 'succeeded');
  const unknown = earlier.filter(({ refundRef }) => !refunds.some((one) => one.refundRef === refundRef));
  const left =
    attempt.refundedMinor -
    named.reduce((sum, { amountMinor }) => sum + amountMinor, 0) -
    unknown.reduce((sum, one) => sum + one.minor, 0);
  return Math.max(0, Math.min(minor, left));
}

function unmatched(house: House, service: PaymentService, attemptRef: string): BillPair['unmatched'] {
  const booked = house.rows.ledger.get(`unmatched:${service.account.id}:${attemptRef}`);
  return booked === undefined ? null : { minor: booked.amountMinor, currency: booked.currency };
}

function lineOf(
  house: House,
  service: PaymentService,
  attemptRef: string,
  { paymentId, minor, currency, at }: Payment,
): Omit<BillPair, 'kind' | 'rowRef' | 'refundState' | 'refund' | 'namelessMinor' | 'bounced'> {
  const { stationNumber } = house.rows.books.order;
  return {
    stationNumber,
    lineNumber: 1,
    attemptRef,
    providerPaymentId: paymentId,
    amountMinor: minor,
    currency,
    feeMinor: null,
    at,
    description: null,
    isRepeated: false,
    attempt: house.rows.books.attempts.find((one) => one.attemptRef === attemptRef) ?? null,
    feeBookedMinor: null,
    unmatched: unmatched(house, service, attemptRef),
  };
}
