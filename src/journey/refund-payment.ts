import { minuteMs } from '../base/clock.ts';
import type { Database } from '../database/database.ts';
import { notificationPath, type PaymentAccounts } from '../payment/account.ts';
import { type PaymentProvider, ProviderError, type RefundFact } from '../payment/provider/provider.ts';
import { nextRefundTryAt, type Refund } from '../payment/refund.ts';
import { findPaymentOf, type RefundedPayment, saveRefundTries } from '../payment/refund.sql.ts';
import { callOptions, type CallWorld, raiseCallAlarm } from './call-provider.ts';
import { accountOf } from './missing-account.ts';
import type { SettlePayment } from './settle-payment.ts';

/**
 * Step 8 of the journey: money that must go back goes back. The refund stands in the rows before this runs; this makes it happen, with the
 * one reference that it has for ever, and applies what the service says as a fact.
 */
export type RefundWorld = CallWorld & {
  readonly db: Database;
  readonly accounts: PaymentAccounts;
  readonly settle: SettlePayment;
  readonly publicUrl: () => string;
};

/** How often a refund whose account is not configured is looked at. */
const accountAwaitedMs = 5 * minuteMs;

/** Tries one refund that is due, or asks after one that was requested. Never rejects for what a payment service does. */
export async function refundPayment(world: RefundWorld, refund: Refund): Promise<void> {
  const payment = await findPaymentOf(world.db, refund);
  const provider = accountOf(world, { ...payment, attemptRef: refund.attemptRef });
  // That is no try: it goes on as it stands when the account is there again.
  if (provider === undefined)
    return saveRefundTries(world.db, { ...refund, nextTryAt: world.now() + accountAwaitedMs });
  try {
    const fact = await ask(world, provider, refund, payment);
    await world.settle.apply({ provider, fact });
    if (fact.state !== 'succeeded') await saveRefundTries(world.db, nextTry(refund, world.now()));
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    raiseCallAlarm(world, refund.attemptRef, error);
    await postpone(world, refund, error.message);
  }
}

/**
 * A refund that was asked for, whether or not an answer came, is asked after; where the service does not know it, it is asked for again
 * by the same reference.
 */
async function ask(
  world: RefundWorld,
  provider: PaymentProvider,
  refund: Refund,
  payment: RefundedPayment,
): Promise<RefundFact> {
  const { refundRef, attemptRef } = refund;
  const { providerPaymentId } = payment;
  const name = { refundRef, attemptRef, ...(providerPaymentId === null ? {} : { providerPaymentId }) };
  if (wasAskedFor(refund)) {
    const fact = await provider.queryRefund(name, callOptions());
    if (!mustBeAskedFor(refund, fact)) return fact;
  }
  return provider.refund(
    {
      ...name,
      amount: { minor: refund.amountMinor, currency: refund.currency },
      paidTotal: { minor: payment.paidMinor, currency: refund.currency },
      reason: refund.reason,
      notifyUrl: world.publicUrl() + notificationPath(provider),
    },
    callOptions(),
  );
}

export const wasAskedFor = ({ state, tries }: Refund): boolean => state !== 'due' || tries > 0;

/** One that ended abnormally is for a person at the service; here it is only asked after. */
export const mustBeAskedFor = ({ state }: Refund, answer: RefundFact): boolean =>
  answer.state === 'not_found' && state !== 'abnormal';

async function postpone(world: RefundWorld, refund: Refund, why: string): Promise<void> {
  await saveRefundTries(world.db, nextTry(refund, world.now()));
  world.alarm('refund_failed', { refundRef: refund.refundRef, tries: refund.tries + 1, why });
}

export const nextTry = (refund: Refund, now: number): Refund => ({
  ...refund,
  tries: refund.tries + 1,
  nextTryAt: nextRefundTryAt(refund.tries, now),
});
