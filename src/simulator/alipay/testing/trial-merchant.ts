import type { TestContext } from 'node:test';
import { systemRandom } from '../../../base/random.ts';
import { type AlipayOptions, createAlipay } from '../../../payment/provider/alipay/alipay.ts';
import type { CreateInput, PaymentProvider, RefundInput } from '../../../payment/provider/provider.ts';
import { type Inbox, openInbox } from '../../service/testing/inbox.ts';
import { createManualTimeline, type ManualTimeline } from '../../service/timeline.ts';
import { type CredentialsRecord, makeCredentials } from '../credentials.ts';
import { type AlipaySimulator, type AlipaySimulatorOptions, startAlipaySimulator } from '../simulator.ts';

/** For tests: a merchant who has our real client and an address for notifications, opposite a simulator, both on one clock that stands still. */
export type TrialMerchant = {
  readonly simulator: AlipaySimulator;
  readonly timeline: ManualTimeline;
  readonly provider: PaymentProvider;
  readonly notifyUrl: string;
  /** What came in, as the client read it. */
  readonly received: Inbox['received'];
  /** Bodies with which the next notifications are answered, instead of the client's own reply. */
  readonly answersWith: string[];
  /** The client again with other options. */
  provideWith(changes: Partial<AlipayOptions>): PaymentProvider;
};

export const trialStartMs = Date.parse('2026-11-02T04:00:00Z');
export const callOptions = { signal: new AbortController().signal, timeoutMs: 4000 };
export const trialRef = '00001A0KQ3X7V9M2ABCDEFGH01';

let shared: Promise<CredentialsRecord> | undefined;

function sharedCredentials(): Promise<CredentialsRecord> {
  shared ??= makeCredentials(systemRandom);
  return shared;
}

export async function startTrial(context: TestContext, options: AlipaySimulatorOptions = {}): Promise<TrialMerchant> {
  const timeline = createManualTimeline(trialStartMs);
  const simulator = await startAlipaySimulator({ timeline, madeCredentials: await sharedCredentials(), ...options });
  const provideWith = (changes: Partial<AlipayOptions>): PaymentProvider =>
    createAlipay({
      ...simulator.credentials,
      baseUrl: simulator.url,
      fetch,
      clock: () => timeline.now(),
      random: systemRandom,
      ...changes,
    });
  const provider = provideWith({});
  const answersWith: string[] = [];
  const inbox = await openInbox(provider, timeline, (reply) => ({ ...reply, body: answersWith.shift() ?? reply.body }));
  context.after(async () => {
    await simulator.close();
    await inbox.close();
  });
  const { notifyUrl, received } = inbox;
  return { simulator, timeline, provider, notifyUrl, received, answersWith, provideWith };
}

/** An order of 200 yuan that can be paid for 15 minutes. */
export const trialOrder = (trial: TrialMerchant, changes: Partial<CreateInput> = {}): CreateInput => ({
  attemptRef: trialRef,
  amount: { minor: 20_000, currency: 'CNY' },
  subject: '92# 1号枪',
  surface: 'alipay.qr',
  expiresAt: trialStartMs + 900_000,
  notifyUrl: trial.notifyUrl,
  returnUrl: 'http://127.0.0.1:9/orders/1?lang=zh&x=1',
  payer: { ip: '203.0.113.7', userAgent: 'test' },
  ...changes,
});

export const trialRefund = (changes: Partial<RefundInput> = {}): RefundInput => ({
  refundRef: `R${trialRef}_staff`,
  attemptRef: trialRef,
  amount: { minor: 20_000, currency: 'CNY' },
  paidTotal: { minor: 20_000, currency: 'CNY' },
  reason: '油站退款',
  ...changes,
});

/** Orders a page and opens it as the payer's browser does: only then does Alipay know of it. */
export async function openPage(trial: TrialMerchant, changes: Partial<CreateInput> = {}): Promise<Response> {
  const created = await trial.provider.create(trialOrder(trial, { surface: 'alipay.wap', ...changes }), callOptions);
  return fetch(created.next.kind === 'redirect' ? created.next.url : '');
}
