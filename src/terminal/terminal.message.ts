import { z } from 'zod';
import { permitSlipMessage } from '../device/receipt.message.ts';

/**
 * Where a permit stands in the cloud when its event is sent. A fresh one is `issued`; one that is read from the log later may be over, and a
 * terminal that never heard of it (a replaced box, a lost folder) must not print it.
 */
export const permitStates = [
  'issued',
  'sent',
  'printed',
  'processed',
  'unconfirmed',
  'undeliverable',
  'redeemed',
  'revoked',
  'expired',
] as const;

/**
 * Goes with `Last-Event-ID`: the permit that the event of that number was about. Where the log has another there, it was replaced, and the cloud
 * refuses the feed by name, so that a terminal never waits behind a number that means nothing.
 */
export const lastEventPermitHeader = 'last-event-permit';

/** The refusals of the feed after which a terminal reads the log from its beginning; what it knows it knows by permit, so nothing prints twice. */
export const cursorRefusals = ['feed_cursor_ahead', 'feed_log_replaced'] as const;

/** The link between cloud and station. Sequence numbers are gapless a station and are the `id:` of the Server-Sent Events. */
export const terminalEventMessage = z.discriminatedUnion('kind', [
  z.object({
    sequence: z.int(),
    kind: z.literal('permit.issued'),
    slip: permitSlipMessage,
    state: z.enum(permitStates).default('issued'),
  }),
  z.object({ sequence: z.int(), kind: z.literal('permit.revoked'), permitId: z.string() }),
]);

/** What the station's device did. `reportId` makes a repeated report harmless. */
export const terminalReportMessage = z.object({
  reportId: z.string().min(1).max(64),
  permitId: z.string().regex(/^[0-9a-f]{16}$/),
  state: z.enum(['sent', 'printed', 'processed', 'unconfirmed', 'undeliverable']),
  reason: z.string().max(200).nullable(),
  deviceId: z.string().max(64),
  deviceRef: z.string().max(64).nullable(),
  at: z.string().max(40),
});

export const reportsMax = 500;
export const terminalReportsMessage = z.object({ reports: z.array(terminalReportMessage).max(reportsMax) });

/** One answer a report, in order: `accepted` (also when it was known), or the refusal's name. */
export const terminalReportsAnswerMessage = z.object({
  answers: z.array(z.object({ reportId: z.string(), outcome: z.string() })),
});

export type PermitStateInFeed = (typeof permitStates)[number];
export type TerminalEvent = z.infer<typeof terminalEventMessage>;
export type TerminalReport = z.infer<typeof terminalReportMessage>;
