import { z } from 'zod';
import { permitSlipMessage } from '../device/receipt.message.ts';

/** The link between cloud and station. Sequence numbers are gapless a station and are the `id:` of the Server-Sent Events. */
export const terminalEventMessage = z.discriminatedUnion('kind', [
  z.object({ sequence: z.int(), kind: z.literal('permit.issued'), slip: permitSlipMessage }),
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

export type TerminalEvent = z.infer<typeof terminalEventMessage>;
export type TerminalReport = z.infer<typeof terminalReportMessage>;
