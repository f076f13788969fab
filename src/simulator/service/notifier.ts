import { secondMs } from '../../base/clock.ts';
import type { Faults, FaultWords, NoticeFault } from './faults.ts';
import { type NewNotice, type Notice, noticeRecord } from './notice.ts';
import { createSendQueue } from './send-queue.ts';
import type { Store } from './store.sql.ts';
import type { Timeline } from './timeline.ts';

const inFlightMax = 64;
/** Ended notifications that can still be looked at. */
const endedMax = 1000;
const heldMax = 100;
/** A notification that shall come after another goes alone where none comes within this. */
const reorderWaitMs = 15 * secondMs;

/** What came of one delivery: the merchant's status (null: no answer), and whether the service takes it for accepted. */
export type Delivered = { readonly status: number | null; readonly accepted: boolean };

/** How one delivery is spoilt on purpose; both are absent from an honest one. */
export type Spoiling<Words extends FaultWords> = {
  readonly kind?: Words['noticeKinds'][number];
  readonly skewMs?: number;
};

export type NotifierSettings<Words extends FaultWords> = {
  readonly timeline: Timeline;
  readonly store: Store;
  readonly faults: Faults<Words>;
  /** Aborted when the simulator stops: nothing is written down from then on. */
  readonly closing: AbortSignal;
  /** How long after each failed try the next one comes. After the last the notification is given up. */
  readonly retryDelaysMs: readonly number[];
  /** Signs and sends it once; never throws for what the merchant's line does. */
  deliver(notice: Notice, spoiling: Spoiling<Words>): Promise<Delivered>;
};

/** What shall be done with the first delivery of one notification, whatever faults wait. */
export type FirstDelivery =
  | { readonly kind: 'at_once' }
  | { readonly kind: 'doubled' }
  | { readonly kind: 'held_back'; readonly ms: number };

/** Notifications that have begun. */
export type Outbox = {
  /** Sends it once more, whatever has become of it. False for an id that is not known (any more). */
  resend(id: string): boolean;
  /** Oldest first. */
  list(): readonly Notice[];
  /** Resolves when nothing is being sent at this moment. */
  settled(): Promise<void>;
  close(): void;
};

export type Notifier = Outbox & {
  /** Begins a notification: once at once, then on the schedule until the merchant accepts it. */
  notify(notice: NewNotice, first?: FirstDelivery): void;
};

/** Notifications that the store still has unsent go on where they were. */
export function startNotifier<Words extends FaultWords>(settings: NotifierSettings<Words>): Notifier {
  const { timeline, store, faults, closing, retryDelaysMs } = settings;
  const notices = new Map<string, Notice>();
  const ended: string[] = [];
  const held: (() => void)[] = [];
  const queue = createSendQueue(inFlightMax);

  /** One try, with the trouble that was ordered for it. */
  async function tryOnce(notice: Notice, fault: NoticeFault<Words> | null): Promise<void> {
    switch (fault?.kind) {
      case 'drop':
        return settle(notice, false);
      case 'delay':
        return holdBack(notice, fault.ms);
      case 'reorder':
        return reorder(notice);
      case 'duplicate':
        return sendTwice(notice);
      case 'clock_skew':
        return send(notice, { kind: fault.kind, skewMs: fault.ms });
      default:
        return send(notice, fault === null ? {} : { kind: fault.kind });
    }
  }

  async function send(notice: Notice, spoiling: Spoiling<Words> = {}): Promise<void> {
    const { accepted } = await deliver(notice, spoiling);
    // What was held back goes after the next one: that is the reordering.
    for (const release of held.slice()) release();
    settle(notice, accepted);
  }

  async function deliver(notice: Notice, spoiling: Spoiling<Words> = {}): Promise<Delivered> {
    const delivered = await settings.deliver(notice, spoiling);
    const kept = notices.get(notice.id);
    if (kept !== undefined)
      notices.set(kept.id, { ...kept, deliveries: kept.deliveries + 1, lastStatus: delivered.status });
    return delivered;
  }

  async function sendTwice(notice: Notice): Promise<void> {
    await Promise.all([send(notice), deliver(notice)]);
  }

  function holdBack(notice: Notice, ms: number): void {
    keep({ ...(notices.get(notice.id) ?? notice), nextAtMs: timeline.now() + ms });
    later(notice.id, ms, (waiting) => send(waiting));
  }

  /** Keeps a notification back until another has gone before it, or for `reorderWaitMs`. */
  async function reorder(notice: Notice): Promise<void> {
    if (held.length >= heldMax) return send(notice);
    const release = (): void => {
      const place = held.indexOf(release);
      if (place < 0) return;
      held.splice(place, 1);
      queue.run(() => send(notice));
    };
    held.push(release);
    timeline.after(reorderWaitMs, async () => {
      release();
      await queue.settled();
    });
  }

  function settle({ id }: Notice, accepted: boolean): void {
    const notice = notices.get(id);
    if (closing.aborted || notice?.state !== 'waiting') return;
    const delayMs = retryDelaysMs[notice.tries];
    const state = accepted ? 'accepted' : delayMs === undefined ? 'given_up' : 'waiting';
    const nextAtMs = timeline.now() + (delayMs ?? 0);
    keep({ ...notice, tries: notice.tries + 1, nextAtMs, state });
    if (state === 'waiting' && delayMs !== undefined) retry(id, delayMs);
  }

  const retry = (id: string, delayMs: number): void =>
    later(id, delayMs, (notice) => tryOnce(notice, faults.takeForNotification()));

  /** Does something with a notification after a while, where it still waits then. */
  function later(id: string, delayMs: number, task: (notice: Notice) => Promise<void>): void {
    timeline.after(delayMs, async () => {
      const notice = notices.get(id);
      if (notice?.state !== 'waiting') return;
      queue.run(() => task(notice));
      await queue.settled();
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
    notify(subject, first = { kind: 'at_once' }) {
      const nowMs = timeline.now();
      const notice: Notice = {
        ...subject,
        tries: 0,
        deliveries: 0,
        nextAtMs: nowMs,
        lastStatus: null,
        state: 'waiting',
      };
      keep(notice);
      if (first.kind === 'held_back') return holdBack(notice, first.ms);
      queue.run(() => (first.kind === 'doubled' ? sendTwice(notice) : tryOnce(notice, faults.takeForNotification())));
    },
    resend(id) {
      const notice = notices.get(id);
      if (notice === undefined) return false;
      queue.run(async () => {
        const { accepted } = await deliver(notice);
        if (accepted) settle(notice, true);
      });
      return true;
    },
    list: () => [...notices.values()],
    settled: () => queue.settled(),
    close: () => queue.close(),
  };
}
