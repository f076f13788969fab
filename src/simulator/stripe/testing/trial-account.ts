import type { TestContext } from 'node:test';
import type { CreateInput, PaymentProvider, RefundInput } from '../../../payment/provider/provider.ts';
import { createStripe, type StripeOptions } from '../../../payment/provider/stripe/stripe.ts';
import { type Inbox, openInbox } from '../../service/testing/inbox.ts';
import type { SimulatorOptions } from '../../service/simulation.ts';
import { createManualTimeline, type ManualTimeline } from '../../service/timeline.ts';
import { startStripeSimulator, type StripeSimulator } from '../simulator.ts';

/** For tests: an account with our real client and an endpoint for events, opposite a simulator, both on one clock that stands still. */
export type TrialAccount = {
  readonly simulator: StripeSimulator;
  readonly timeline: ManualTimeline;
  readonly provider: PaymentProvider;
  readonly notifyUrl: string;
  /** What came in, as the client read it. */
  readonly received: Inbox['received'];
  /** Statuses with which the next events are answered, instead of the client's own reply. */
  readonly answersWith: number[];
  /** The client again with other options. */
  provideWith(changes: Partial<StripeOptions>): PaymentProvider;
};

export const trialStartMs = Date.parse('2026-11-02T04:00:00Z');
export const callOptions = { signal: new AbortController().signal, timeoutMs: 4000 };
export const attemptRef = '00001A0KQ3X7V9M2ABCDEFGH01';

export async function startTrial(context: TestContext, options: SimulatorOptions = {}): Promise<TrialAccount> {
  const timeline = createManualTimeline(trialStartMs);
  const simulator = await startStripeSimulator({ timeline, ...options });
  const provideWith = (changes: Partial<StripeOptions>): PaymentProvider =>
    createStripe({
      ...simulator.control.credentials(),
      baseUrl: simulator.url,
      fetch,
      clock: () => timeline.now(),
      ...changes,
    });
  const provider = provideWith({});
  const answersWith: number[] = [];
  const inbox = await openInbox(provider, timeline, (reply) => ({
    ...reply,
    status: answersWith.shift() ?? reply.status,
  }));
  context.after(async () => {
    await simulator.close();
    await inbox.close();
  });
  const { notifyUrl, received } = inbox;
  simulator.control.setWebhookUrl(notifyUrl);
  return { simulator, timeline, provider, notifyUrl, received, answersWith, provideWith };
}

/** An order of 200 euros that can be paid for 10 minutes. */
export const trialOrder = (trial: TrialAccount, changes: Partial<CreateInput> = {}): CreateInput => ({
  attemptRef,
  amount: { minor: 20_000, currency: 'EUR' },
  subject: 'Forecourt Nord E10',
  surface: 'card.hosted',
  expiresAt: trialStartMs + 600_000,
  notifyUrl: trial.notifyUrl,
  returnUrl: 'http://127.0.0.1:9/o/1?lang=en&x=1',
  payer: { ip: '203.0.113.7', userAgent: 'test', locale: 'en' },
  ...changes,
});

/** Both known from the attempt. */
export const trialName = { attemptRef, createdAt: trialStartMs, expiresAt: trialStartMs + 600_000 };

export const trialRefund = (trial: TrialAccount, changes: Partial<RefundInput> = {}): RefundInput => ({
  refundRef: `R${attemptRef}_staff`,
  attemptRef,
  providerPaymentId: trial.simulator.control.payment(attemptRef)?.intentId ?? 'pi_none',
  amount: { minor: 20_000, currency: 'EUR' },
  paidTotal: { minor: 20_000, currency: 'EUR' },
  reason: 'staff',
  notifyUrl: trial.notifyUrl,
  ...changes,
});
