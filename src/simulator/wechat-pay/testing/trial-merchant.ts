import type { TestContext } from 'node:test';
import { systemRandom } from '../../../base/random.ts';
import type { CreateInput, PaymentProvider, RefundInput } from '../../../payment/provider/provider.ts';
import { createWechatPay, type WechatPayOptions } from '../../../payment/provider/wechat-pay/wechat-pay.ts';
import { type CredentialsRecord, makeCredentials } from '../credentials.ts';
import { type Inbox, openInbox } from '../../service/testing/inbox.ts';
import { startWechatPaySimulator, type WechatPaySimulator, type WechatPaySimulatorOptions } from '../simulator.ts';
import { createManualTimeline, type ManualTimeline } from '../../service/timeline.ts';

/** For tests: a merchant who has our real client and an address for notifications, opposite a simulator, both on one clock that stands still. */
export type TrialMerchant = {
  readonly simulator: WechatPaySimulator;
  readonly timeline: ManualTimeline;
  readonly provider: PaymentProvider;
  readonly notifyUrl: string;
  /** What came in, as the client read it. */
  readonly received: Inbox['received'];
  /** Statuses with which the next notifications are answered, instead of the client's own reply. */
  readonly answersWith: number[];
  /** The client again with other options. */
  provideWith(changes: Partial<WechatPayOptions>): PaymentProvider;
};

export const trialStartMs = Date.parse('2026-11-02T04:00:00Z');
export const callOptions = { signal: new AbortController().signal, timeoutMs: 4000 };

let shared: Promise<CredentialsRecord> | undefined;

function sharedCredentials(): Promise<CredentialsRecord> {
  shared ??= makeCredentials(systemRandom);
  return shared;
}

export async function startTrial(
  context: TestContext,
  options: WechatPaySimulatorOptions = {},
): Promise<TrialMerchant> {
  const timeline = createManualTimeline(trialStartMs);
  const simulator = await startWechatPaySimulator({ timeline, madeCredentials: await sharedCredentials(), ...options });
  const provideWith = (changes: Partial<WechatPayOptions>): PaymentProvider =>
    createWechatPay({
      ...simulator.credentials,
      baseUrl: simulator.url,
      fetch,
      clock: () => timeline.now(),
      random: systemRandom,
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
  return {
    simulator,
    timeline,
    provider,
    notifyUrl,
    received,
    answersWith,
    provideWith,
  };
}

/** An order of 200 yuan that can be paid for 15 minutes. */
export const trialOrder = (trial: TrialMerchant, changes: Partial<CreateInput> = {}): CreateInput => ({
  attemptRef: '00001A0KQ3X7V9M2ABCDEFGH01',
  amount: { minor: 20_000, currency: 'CNY' },
  subject: '92# 1号枪',
  surface: 'wechat.h5',
  expiresAt: trialStartMs + 900_000,
  notifyUrl: trial.notifyUrl,
  returnUrl: 'http://127.0.0.1:9/orders/1?lang=zh&x=1',
  payer: { ip: '203.0.113.7', userAgent: 'test', openId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  ...changes,
});

export const trialRefund = (trial: TrialMerchant, changes: Partial<RefundInput> = {}): RefundInput => ({
  refundRef: 'R00001A0KQ3X7V9M2ABCDEFGH01_staff',
  attemptRef: '00001A0KQ3X7V9M2ABCDEFGH01',
  amount: { minor: 20_000, currency: 'CNY' },
  paidTotal: { minor: 20_000, currency: 'CNY' },
  reason: '油站退款',
  notifyUrl: trial.notifyUrl,
  ...changes,
});
