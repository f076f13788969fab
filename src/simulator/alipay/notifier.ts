import { hourMs, minuteMs, secondMs } from '../../base/clock.ts';
import { beijingPlain } from '../service/beijing.ts';
import type { Notice } from '../service/notice.ts';
import { type Delivered, type FirstDelivery, type Outbox, type Spoiling, startNotifier } from '../service/notifier.ts';
import { postNotice } from '../service/post-notice.ts';
import type { Simulation } from '../service/simulation.ts';
import type { Credentials } from './credentials.ts';
import type { AlipayFaults, AlipayWords } from './faults.ts';
import type { Payment } from './ledger.ts';
import { type GivenBack, noticeFields, writeNotice } from './notice.ts';
import { parametersText, signText } from './signer.ts';

/** How long after each failed try the next one comes: 8 deliveries in 24 hours and 24 minutes. */
export const retryDelaysMs = [
  4 * minuteMs,
  10 * minuteMs,
  10 * minuteMs,
  hourMs,
  2 * hourMs,
  6 * hourMs,
  15 * hourMs,
] as const;

const replyMsMax = 5 * secondMs;
/** These seven characters and no other. */
const acceptance = 'success';

/** The notifications of Alipay: what `service/notifier.ts` does with them, as signed forms. */
export type AlipayNotifier = Outbox & {
  /** Tells of a trade as it stands. A merchant who named no address hears of nothing. */
  notify(payment: Payment, givenBack?: GivenBack | null, first?: FirstDelivery): void;
};

export function startAlipayNotifier(
  simulation: Simulation,
  credentials: Credentials,
  faults: AlipayFaults,
): AlipayNotifier {
  const { timeline, random } = simulation;
  const notifier = startNotifier({
    ...simulation,
    faults,
    retryDelaysMs,
    deliver: (notice, spoiling) => deliver(simulation, credentials, notice, spoiling),
  });
  return {
    ...notifier,
    notify(payment, givenBack = null, first) {
      const { trade, notifyUrl } = payment;
      if (trade === null || notifyUrl === null) return;
      const wish = { payment: { ...payment, trade }, givenBack, nowMs: timeline.now(), random };
      notifier.notify(writeNotice(wish, credentials, notifyUrl), first);
    },
  };
}

/** One delivery, stamped and signed afresh. */
async function deliver(
  simulation: Simulation,
  credentials: Credentials,
  notice: Notice,
  { kind, skewMs = 0 }: Spoiling<AlipayWords>,
): Promise<Delivered> {
  const form = new Map(Object.entries(noticeFields.parse(JSON.parse(notice.body))));
  form.set('notify_time', beijingPlain(simulation.timeline.now() + skewMs));
  for (const [name, value] of liesOf(kind)) form.set(name, value);
  const type = kind === 'rsa_downgrade' ? 'RSA' : 'RSA2';
  const text = parametersText(form) + (kind === 'wrong_signature' ? ' ' : '');
  const proof = await signText(text, credentials.signingKey(), type);
  // Changed behind the signature's back.
  if (kind === 'tampered') form.set('total_amount', '0.01');
  form.set('sign_type', type);
  if (kind !== 'unsigned') form.set('sign', proof);
  const body = new URLSearchParams(Object.fromEntries(form)).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
  const post = { url: notice.url, headers, body, replyMsMax, note: kind ?? null };
  const { status, text: reply } = await postNotice(simulation, post);
  return { status, accepted: status === 200 && reply === acceptance };
}

/** What a delivery says that is not so, under a good signature. */
function liesOf(kind: AlipayWords['noticeKinds'][number] | undefined): readonly (readonly [string, string])[] {
  switch (kind) {
    case 'changed_amount':
      return [['total_amount', '0.01']];
    case 'other_app':
      return [
        ['app_id', '2021000000000000'],
        ['auth_app_id', '2021000000000000'],
      ];
    case 'other_seller':
      return [['seller_id', '2088000000000000']];
    default:
      return [];
  }
}
