import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import type {
  CreateInput,
  Fields,
  NotificationResult,
  PaymentProvider,
  RefundInput,
} from '../../../payment/provider/provider.ts';
import { createStripe, type StripeOptions } from '../../../payment/provider/stripe/stripe.ts';
import { readText } from '../../service/http-body.ts';
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
  readonly received: {
    readonly atMs: number;
    readonly result: NotificationResult;
    readonly body: string;
    readonly headers: Fields;
  }[];
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
  const received: TrialAccount['received'] = [];
  const answersWith: number[] = [];
  const inbox = createServer((request, response) => void receive(request, response));
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await readText(request)) ?? '';
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
    const result = provider.parseNotification({ rawBody: Buffer.from(body), headers, receivedAt: timeline.now() });
    received.push({ atMs: timeline.now(), result, body, headers });
    const reply = provider.reply(result.kind === 'rejected' ? 'rejected' : 'accepted');
    response.writeHead(answersWith.shift() ?? reply.status, reply.headers).end(reply.body);
  }
  await new Promise<void>((resolve) => inbox.listen(0, '127.0.0.1', resolve));
  context.after(async () => {
    await simulator.close();
    inbox.closeAllConnections();
    await new Promise<void>((resolve) => inbox.close(() => resolve()));
  });
  const address = inbox.address();
  if (typeof address !== 'object' || address === null) throw new Error('the inbox has no address');
  const notifyUrl = `http://127.0.0.1:${address.port}/notify`;
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
