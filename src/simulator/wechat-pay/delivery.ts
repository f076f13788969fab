import { secondMs } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Credentials } from './credentials.ts';
import type { NotifyFaultKind } from './faults.ts';
import { randomHex } from './ledger.ts';
import { type Notice, tamperNotice } from './notice.ts';
import { signedHeaders } from './platform-signer.ts';
import type { Timeline } from './timeline.ts';
import type { Traffic } from './traffic.ts';

/** The merchant must answer within this, in real time. */
const replyMsMax = 5 * secondMs;

export type DeliverySettings = {
  readonly credentials: Credentials;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly traffic: Traffic;
  readonly fetch: typeof globalThis.fetch;
  readonly closing: AbortSignal;
};

/** How one delivery is spoilt on purpose. */
export type DeliverySpoiling = { readonly kind?: NotifyFaultKind; readonly skewMs?: number };

/** Sends one notification, signed afresh, and gives the merchant's status; null where none came. What the body says is not read. */
export async function deliverNotice(
  settings: DeliverySettings,
  notice: Notice,
  spoiling: DeliverySpoiling,
): Promise<number | null> {
  const { credentials, timeline, random, traffic } = settings;
  const { kind, skewMs = 0 } = spoiling;
  const body = kind === 'tampered' ? tamperNotice(notice.body) : notice.body;
  const wrong = kind === 'wrong_signature' || kind === 'unknown_serial' || kind === 'probe' ? kind : undefined;
  const proof = await signedHeaders(body, credentials.notificationKey(), timeline.now() + skewMs, random, wrong);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Mozilla/4.0',
    'request-id': randomHex(random, 16),
    ...(kind === 'unsigned' ? {} : proof),
  };
  const signal = AbortSignal.any([settings.closing, AbortSignal.timeout(replyMsMax)]);
  let status: number | null = null;
  let answer: string;
  try {
    const response = await settings.fetch(notice.url, { method: 'POST', headers, body, redirect: 'manual', signal });
    answer = await response.text();
    status = response.status;
  } catch (error) {
    answer = error instanceof Error ? error.message : String(error);
  }
  const atMs = timeline.now();
  const note = kind ?? (skewMs === 0 ? null : 'clock_skew');
  traffic.add({
    atMs,
    direction: 'out',
    operation: 'notify',
    method: 'POST',
    url: notice.url,
    status,
    request: body,
    answer,
    note,
  });
  return status;
}
