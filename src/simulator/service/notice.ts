import { z } from 'zod';

/**
 * One notification as it is kept. `body` is whatever the service makes its deliveries from; it stays the same over all tries, only the signature is
 * made afresh.
 */
export const noticeRecord = z.object({
  id: z.string(),
  /** The payment or refund it tells of, by the name under which the desk knows it. */
  about: z.string(),
  /** What happened, in the service's word. */
  event: z.string().default(''),
  url: z.string(),
  body: z.string(),
  /** Turns on the schedule, the dropped ones with them. */
  tries: z.int(),
  /** What really went out, the doubled ones with them. */
  deliveries: z.int().default(0),
  nextAtMs: z.int(),
  /** The merchant's last answer; null where none came. */
  lastStatus: z.int().nullable().default(null),
  state: z.enum(['waiting', 'accepted', 'given_up']),
});

export type Notice = z.infer<typeof noticeRecord>;

/** A notification that has not been sent yet. */
export type NewNotice = Pick<Notice, 'id' | 'about' | 'event' | 'url' | 'body'>;
