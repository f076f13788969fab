import { z } from 'zod';
import type { StreamEvent } from './event-stream.ts';
import {
  type PermitStateInFeed,
  type TerminalEvent,
  terminalEventMessage,
  terminalReportMessage,
} from './terminal.message.ts';

/**
 * An event as the terminal understands it. `unreadable` keeps its place in the sequence: a station whose one event is broken or too
 * new for its terminal still prints all others, and the broken one is reported where its permit can be told.
 */
export type FeedEvent = { readonly sequence: number; readonly body: string } & (
  | {
      readonly kind: 'issued';
      readonly permitId: string;
      readonly expiresAtMs: number;
      /** Where the cloud says that the permit stands. */
      readonly state: PermitStateInFeed;
    }
  | { readonly kind: 'revoked'; readonly permitId: string }
  | { readonly kind: 'unreadable'; readonly permitId: string | null }
);

const permitIdForm = terminalReportMessage.shape.permitId;
const namesPermit = z.union([
  z.object({ permitId: permitIdForm }).transform((event) => event.permitId),
  z.object({ slip: z.object({ permitId: permitIdForm }) }).transform((event) => event.slip.permitId),
]);

/** The event, or null where the stream's event has no sequence number of ours: then the stream itself is not to be trusted. */
export function readFeedEvent(streamEvent: StreamEvent): FeedEvent | null {
  if (!/^[1-9]\d{0,14}$/.test(streamEvent.id)) return null;
  const sequence = Number(streamEvent.id);
  const body = streamEvent.data;
  const json = parseJson(body);
  const parsed = terminalEventMessage.safeParse(json);
  const event = parsed.success && parsed.data.sequence === sequence ? readKnown(parsed.data) : null;
  return { sequence, body, ...(event ?? { kind: 'unreadable', permitId: namesPermit.safeParse(json).data ?? null }) };
}

type KnownEvent =
  | { kind: 'issued'; permitId: string; expiresAtMs: number; state: PermitStateInFeed }
  | { kind: 'revoked'; permitId: string };

function readKnown(event: TerminalEvent): KnownEvent | null {
  if (event.kind === 'permit.revoked') return { kind: 'revoked', permitId: event.permitId };
  const { permitId, expiresAt } = event.slip;
  const expiresAtMs = Date.parse(expiresAt);
  return Number.isFinite(expiresAtMs) && permitIdForm.safeParse(permitId).success
    ? { kind: 'issued', permitId, expiresAtMs, state: event.state }
    : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
