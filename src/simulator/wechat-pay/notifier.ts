import { hourMs, minuteMs, secondMs } from '../../base/clock.ts';
import { type FirstDelivery, type Outbox, startNotifier } from '../service/notifier.ts';
import type { Simulation } from '../service/simulation.ts';
import type { Credentials } from './credentials.ts';
import { deliverNotice } from './delivery.ts';
import type { WechatPayFaults } from './faults.ts';
import { type NoticeSubject, writeNotice } from './notice.ts';

/** How long after each failed try the next one comes: 15 retries in 24 hours and 4 minutes. */
export const retryDelaysMs = [
  15 * secondMs,
  15 * secondMs,
  30 * secondMs,
  3 * minuteMs,
  10 * minuteMs,
  20 * minuteMs,
  30 * minuteMs,
  30 * minuteMs,
  30 * minuteMs,
  60 * minuteMs,
  3 * hourMs,
  3 * hourMs,
  3 * hourMs,
  6 * hourMs,
  6 * hourMs,
] as const;

/** The notifications of WeChat Pay: what `service/notifier.ts` does with them, sealed and signed in this service's way. */
export type WechatPayNotifier = Outbox & {
  notify(subject: NoticeSubject, first?: FirstDelivery): void;
  /** Sends a probe whose signature is false on purpose, and gives the merchant's status (null: no answer). */
  probe(url: string): Promise<number | null>;
};

export function startWechatPayNotifier(
  simulation: Simulation,
  credentials: Credentials,
  faults: WechatPayFaults,
): WechatPayNotifier {
  const { timeline, random } = simulation;
  const delivery = { ...simulation, credentials };
  const notifier = startNotifier({
    ...simulation,
    faults,
    retryDelaysMs,
    deliver: (notice, spoiling) => deliverNotice(delivery, notice, spoiling),
  });
  const write = (subject: NoticeSubject) => writeNotice(subject, credentials.apiV3Key, timeline.now(), random);
  return {
    ...notifier,
    notify: (subject, first) => notifier.notify(write(subject), first),
    async probe(url) {
      const subject = {
        about: 'probe',
        url,
        eventType: 'TRANSACTION.SUCCESS',
        originalType: 'transaction',
        summary: '签名探测',
        resource: {},
      };
      return (await deliverNotice(delivery, write(subject), { kind: 'probe' })).status;
    },
  };
}
