import type { Timeline } from './timeline.ts';
import type { Traffic } from './traffic.ts';

export type PostTools = {
  readonly timeline: Timeline;
  readonly traffic: Traffic;
  readonly fetch: typeof globalThis.fetch;
  readonly closing: AbortSignal;
};

export type NoticePost = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The merchant must answer within this, in real time. */
  readonly replyMsMax: number;
  /** The trouble that was ordered for it. */
  readonly note: string | null;
};

/** The merchant's answer; status null where none came, with the reason as its text. */
export type NoticeReply = { readonly status: number | null; readonly text: string };

/** Posts one notification and writes it into the traffic. */
export async function postNotice(
  tools: PostTools,
  { url, headers, body, replyMsMax, note }: NoticePost,
): Promise<NoticeReply> {
  const signal = AbortSignal.any([tools.closing, AbortSignal.timeout(replyMsMax)]);
  let reply: NoticeReply;
  try {
    const response = await tools.fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    reply = { status: response.status, text: await response.text() };
  } catch (error) {
    reply = { status: null, text: error instanceof Error ? error.message : String(error) };
  }
  tools.traffic.add({
    atMs: tools.timeline.now(),
    direction: 'out',
    operation: 'notify',
    method: 'POST',
    url,
    status: reply.status,
    request: body,
    answer: reply.text,
    note,
  });
  return reply;
}
