import { secondMs } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Notice } from '../service/notice.ts';
import type { Delivered, Spoiling } from '../service/notifier.ts';
import { postNotice, type PostTools } from '../service/post-notice.ts';
import { randomHex } from '../service/random-text.ts';
import type { Credentials } from './credentials.ts';
import type { WechatPayWords } from './faults.ts';
import { tamperNotice } from './notice.ts';
import { signedHeaders } from './platform-signer.ts';

const replyMsMax = 5 * secondMs;

export type DeliverySettings = PostTools & { readonly credentials: Credentials; readonly random: Random };

/** Sends one notification, signed afresh. What the merchant's body says is not read: 200 and 204 are accepted. */
export async function deliverNotice(
  settings: DeliverySettings,
  notice: Pick<Notice, 'url' | 'body'>,
  { kind, skewMs = 0 }: Spoiling<WechatPayWords>,
): Promise<Delivered> {
  const { credentials, timeline, random } = settings;
  const body = kind === 'tampered' ? tamperNotice(notice.body) : notice.body;
  const wrong = kind === 'wrong_signature' || kind === 'unknown_serial' || kind === 'probe' ? kind : undefined;
  const proof = await signedHeaders(body, credentials.notificationKey(), timeline.now() + skewMs, random, wrong);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Mozilla/4.0',
    'request-id': randomHex(random, 16),
    ...(kind === 'unsigned' ? {} : proof),
  };
  const { status } = await postNotice(settings, { url: notice.url, headers, body, replyMsMax, note: kind ?? null });
  return { status, accepted: status === 200 || status === 204 };
}
