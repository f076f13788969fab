import { hourMs, minuteMs, secondMs } from '../../base/clock.ts';
import { deliverNotice, type DeliverySettings, type DeliverySpoiling } from './delivery.ts';
import type { Faults } from './faults.ts';
import { type Notice, noticeRecord, type NoticeSubject, writeNotice } from './notice.ts';
import { createSendQueue } from './send-queue.ts';
import type { Store } from './store.sql.ts';

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

const inFlightMax = 64;
/** Ended notifications that can still be looked at. */
const endedMax = 1000;
const heldMax = 100;

export type NotifierSettings = Omit<DeliverySettings, 'closing'> & { readonly faults: Faults; readonly store: Store };

export type Notifier = {
  /** Begins a notification: once at once, then on the schedule until the merchant accepts it. */
  notify(subject: NoticeSubject): void;
  /** Sends a probe whose signature is false on purpose, and gives the merchant's status (null: no answer). */
  probe(url: string): Promise<number | null>;
  list(): readonly Notice[];
  /** Resolves when nothing is being sent at this moment. */
  settled(): Promise<void>;
  close(): void;
};

/** Notifications that the store still has unsent go on where they were. */
export function startNotifier(settings: NotifierSettings): Notifier {
  const { credentials, timeline, random, faults, store } = settings;
  const notices = new Map<string, Notice>();
  const ended: string[] = [];
  const held: (() => void)[] = [];
  const closing = new AbortController();
  const delivery: DeliverySettings = { ...settings, closing: closing.signal };
  const queue = createSendQueue(inFlightMax);

  /** One try, with the trouble that was ordered for it. */
  async function tryOnce(notice: Notice): Promise<void> {
    const fault = faults.takeForNotification();
    switch (fault?.kind) {
      case 'drop':
        return settle(notice, false);
      case 'delay':
        return timeline.after(fault.ms, () => runAndWait(() => send(notice)));
      case 'reorder':
        return hold(notice);
      case 'duplicate':
        await Promise.all([send(notice), deliverNotice(delivery, notice, {})]);
        return;
      case 'clock_skew':
        return send(notice, { skewMs: fault.ms });
      default:
        return send(notice, fault === null ? {} : { kind: fault.kind });
    }
  }

  async function send(notice: Notice, spoiling: DeliverySpoiling = {}): Promise<void> {
    const status = await deliverNotice(delivery, notice, spoiling);
    // What was held back goes after the next one: that is the reordering.
    for (const release of held.slice()) release();
    settle(notice, status === 200 || status === 204);
  }

  /** Keeps a notification back until another has gone before it, or for as long as the first retry would take. */
  async function hold(notice: Notice): Promise<void> {
    if (held.length >= heldMax) return send(notice);
    const release = (): void => {
      const place = held.indexOf(release);
      if (place < 0) return;
      held.splice(place, 1);
      queue.run(() => send(notice));
    };
    held.push(release);
    timeline.after(retryDelaysMs[0], async () => {
      release();
      await queue.settled();
    });
  }

  async function runAndWait(task: () => Promise<void>): Promise<void> {
    queue.run(task);
    await queue.settled();
  }

  function settle(notice: Notice, accepted: boolean): void {
    if (closing.signal.aborted || notices.get(notice.id)?.state !== 'waiting') return;
    const delayMs = retryDelaysMs[notice.tries];
    const state = accepted ? 'accepted' : delayMs === undefined ? 'given_up' : 'waiting';
    keep({ ...notice, tries: notice.tries + 1, nextAtMs: timeline.now() + (delayMs ?? 0), state });
    if (state === 'waiting' && delayMs !== undefined) retry(notice.id, delayMs);
  }

  function retry(id: string, delayMs: number): void {
    timeline.after(delayMs, async () => {
      const notice = notices.get(id);
      if (notice?.state === 'waiting') await runAndWait(() => tryOnce(notice));
    });
  }

  function keep(notice: Notice): void {
    notices.set(notice.id, notice);
    if (notice.state === 'waiting') return store.put('notification', notice.id, notice);
    store.remove('notification', notice.id);
    ended.push(notice.id);
    if (ended.length > endedMax) notices.delete(ended.shift() ?? '');
  }

  for (const value of store.findAll('notification')) {
    const notice = noticeRecord.parse(value);
    notices.set(notice.id, notice);
    retry(notice.id, Math.max(0, notice.nextAtMs - timeline.now()));
  }

  return {
    notify(subject) {
      const notice = writeNotice(subject, credentials.apiV3Key, timeline.now(), random);
      keep(notice);
      queue.run(() => tryOnce(notice));
    },
    probe(url) {
      const subject = {
        about: 'probe',
        url,
        eventType: 'TRANSACTION.SUCCESS',
        originalType: 'transaction',
        summary: '签名探测',
        resource: {},
      };
      const notice = writeNotice(subject, credentials.apiV3Key, timeline.now(), random);
      return deliverNotice(delivery, notice, { kind: 'probe' });
    },
    list: () => [...notices.values()],
    settled: () => queue.settled(),
    close() {
      closing.abort();
      queue.close();
    },
  };
}
