import { createCipheriv } from 'node:crypto';
import { z } from 'zod';
import { hourMs, minuteMs, secondMs } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { beijingInstant } from './beijing.ts';
import type { Credentials } from './credentials.ts';
import type { Faults, NotifyFaultKind } from './faults.ts';
import { randomHex } from './ledger.ts';
import { signedHeaders } from './platform-signer.ts';
import type { Store } from './store.sql.ts';
import type { Timeline } from './timeline.ts';
import type { Traffic } from './traffic.ts';

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

/** The merchant must answer within this. */
const replyMsMax = 5 * secondMs;
const inFlightMax = 64;
/** Ended notifications that can still be looked at. */
const endedMax = 1000;
const heldMax = 100;

const noticeRecord = z.object({
  id: z.string(),
  /** out_trade_no or out_refund_no. */
  about: z.string(),
  url: z.string(),
  body: z.string(),
  tries: z.int(),
  nextAtMs: z.int(),
  state: z.enum(['waiting', 'accepted', 'given_up']),
});

export type Notice = z.infer<typeof noticeRecord>;
export type NoticeSubject = {
  readonly about: string;
  readonly url: string;
  readonly eventType: string;
  readonly originalType: string;
  readonly summary: string;
  readonly resource: object;
};

export type NotifierSettings = {
  readonly credentials: Credentials;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly faults: Faults;
  readonly traffic: Traffic;
  readonly store: Store;
  readonly fetch: typeof globalThis.fetch;
};

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

export function startNotifier(settings: NotifierSettings): Notifier {
  const { credentials, timeline, random, faults, traffic, store } = settings;
  const notices = new Map<string, Notice>();
  const ended: string[] = [];
  const queue: (() => Promise<void>)[] = [];
  const held: (() => void)[] = [];
  const closing = new AbortController();
  let inFlight = 0;
  let idle: (() => void)[] = [];

  function run(task: () => Promise<void>): void {
    if (closing.signal.aborted) return;
    queue.push(task);
    startTasks();
  }

  function startTasks(): void {
    while (inFlight < inFlightMax) {
      const task = queue.shift();
      if (task === undefined) break;
      inFlight += 1;
      void task().finally(() => {
        inFlight -= 1;
        startTasks();
      });
    }
    if (inFlight > 0) return;
    for (const resolve of idle) resolve();
    idle = [];
  }

  const settled = (): Promise<void> =>
    inFlight === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve));

  /** Sends one try, with the trouble that was ordered for it, and says whether the merchant accepted. */
  async function deliver(notice: Notice): Promise<void> {
    const fault = faults.takeForNotification();
    switch (fault?.kind) {
      case 'drop':
        return settle(notice, false);
      case 'delay':
        return timeline.after(fault.ms, () => sendAndWait(notice, undefined, 0));
      case 'reorder':
        return hold(notice);
      case 'duplicate':
        await Promise.all([send(notice), post(notice, undefined, 0)]);
        return;
      case 'clock_skew':
        return send(notice, undefined, fault.ms);
      default:
        return send(notice, fault?.kind);
    }
  }

  /** Keeps a notification back until another has gone before it, or for as long as the first retry would take. */
  async function hold(notice: Notice): Promise<void> {
    if (held.length >= heldMax) return send(notice);
    const release = (): void => {
      const place = held.indexOf(release);
      if (place < 0) return;
      held.splice(place, 1);
      run(() => send(notice));
    };
    held.push(release);
    timeline.after(retryDelaysMs[0], () => {
      release();
      return settled();
    });
  }

  async function send(notice: Notice, spoiling?: NotifyFaultKind, skewMs = 0): Promise<void> {
    const status = await post(notice, spoiling, skewMs);
    // What was held back goes after the next one: that is the reordering.
    for (const release of held.slice()) release();
    settle(notice, status === 200 || status === 204);
  }

  /** For the timeline: through the queue, and done when the queue is. */
  function sendAndWait(notice: Notice, spoiling: NotifyFaultKind | undefined, skewMs: number): Promise<void> {
    run(() => send(notice, spoiling, skewMs));
    return settled();
  }

  /** The status decides; what the body says is not read. */
  async function post(notice: Notice, spoiling: NotifyFaultKind | undefined, skewMs: number): Promise<number | null> {
    const body = spoiling === 'tampered' ? tamper(notice.body) : notice.body;
    const wrong =
      spoiling === 'wrong_signature' || spoiling === 'unknown_serial' || spoiling === 'probe' ? spoiling : undefined;
    const proof = await signedHeaders(body, credentials.notificationKey(), timeline.now() + skewMs, random, wrong);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Mozilla/4.0',
      'request-id': randomHex(random, 16),
      ...(spoiling === 'unsigned' ? {} : proof),
    };
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(replyMsMax)]);
    let status: number | null = null;
    let answer: string;
    try {
      const response = await settings.fetch(notice.url, { method: 'POST', headers, body, redirect: 'manual', signal });
      answer = await response.text();
      status = response.status;
    } catch (error) {
      answer = error instanceof Error ? error.message : String(error);
    }
    traffic.add({
      atMs: timeline.now(),
      direction: 'out',
      operation: 'notify',
      method: 'POST',
      url: notice.url,
      status,
      request: body,
      answer,
      note: spoiling ?? null,
    });
    return status;
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
      if (notice?.state !== 'waiting') return;
      run(() => deliver(notice));
      await settled();
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
      const id = makeNoticeId(random);
      const nowMs = timeline.now();
      const notice: Notice = {
        id,
        about: subject.about,
        url: subject.url,
        body: writeNotice(id, subject, credentials, nowMs, random),
        tries: 0,
        nextAtMs: nowMs,
        state: 'waiting',
      };
      keep(notice);
      run(() => deliver(notice));
    },
    async probe(url) {
      const subject = {
        about: 'probe',
        url,
        eventType: 'TRANSACTION.SUCCESS',
        originalType: 'transaction',
        summary: '签名探测',
        resource: {},
      };
      const id = makeNoticeId(random);
      const body = writeNotice(id, subject, credentials, timeline.now(), random);
      return post({ id, about: 'probe', url, body, tries: 0, nextAtMs: 0, state: 'waiting' }, 'probe', 0);
    },
    list: () => [...notices.values()],
    settled,
    close() {
      closing.abort();
      queue.length = 0;
    },
  };
}

function makeNoticeId(random: Random): string {
  const text = randomHex(random, 16);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}

/** The notification's body: the resource sealed with AEAD_AES_256_GCM under the merchant's APIv3 key, the tag at the ciphertext's end. */
function writeNotice(
  id: string,
  subject: NoticeSubject,
  credentials: Credentials,
  nowMs: number,
  random: Random,
): string {
  const nonce = randomHex(random, 6);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(credentials.apiV3Key, 'ascii'), Buffer.from(nonce, 'ascii'));
  cipher.setAAD(Buffer.from(subject.originalType));
  const sealed = Buffer.concat([
    cipher.update(JSON.stringify(subject.resource), 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return JSON.stringify({
    id,
    create_time: beijingInstant(nowMs),
    resource_type: 'encrypt-resource',
    event_type: subject.eventType,
    summary: subject.summary,
    resource: {
      original_type: subject.originalType,
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext: sealed.toString('base64'),
      associated_data: subject.originalType,
      nonce,
    },
  });
}

/** One bit of the ciphertext changed; the signature is made afterwards, so that only the seal can tell. */
function tamper(body: string): string {
  return body.replace(/("ciphertext":")(.)/, (_all, head: string, first: string) => head + (first === 'A' ? 'B' : 'A'));
}
