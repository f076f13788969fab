import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { isRefusal, type Refusal, refuse } from '../base/problem.ts';
import type { Journey } from '../journey/journey.ts';
import { findEventPermit } from '../station/station-feed.sql.ts';
import { findTerminal } from '../station/terminal.sql.ts';
import {
  cursorRefusals,
  lastEventPermitHeader,
  terminalReportsAnswerMessage,
  terminalReportsMessage,
} from '../terminal/terminal.message.ts';
import { readTerminalPublicKey } from '../terminal/terminal-key.ts';
import { clockToleranceMs, verifyRequest } from '../terminal/terminal-signature.ts';
import { type Call, type EventStream, type Reply, type Route, route } from './route.ts';

/** What a station's terminal may ask: its own station's log, and to tell what its devices did. */
export function stationRoutes(journey: Journey): readonly Route[] {
  const authenticate = createAuthentication(journey);
  return [
    route('GET', '/v1/terminal/feed', {
      summary:
        "The station's log as Server-Sent Events after `Last-Event-ID`; the ids have no gap. A number that the log does not have is refused, and with `Last-Event-Permit` one of another permit.",
      caller: 'terminal',
      answer: { type: 'text/event-stream' },
      refusals: [...terminalRefusals, ...cursorRefusals],
      handle: async (call) => {
        const terminal = await authenticate(call);
        return isRefusal(terminal) ? terminal : openFeed(journey, terminal.stationNumber, call.headers);
      },
    }),
    route('POST', '/v1/terminal/reports', {
      summary:
        'What became of permits at the station; each report is answered by itself, and a repeated one changes nothing.',
      caller: 'terminal',
      body: terminalReportsMessage,
      answer: { schema: terminalReportsAnswerMessage },
      refusals: terminalRefusals,
      handle: async (call) => {
        const terminal = await authenticate(call);
        return isRefusal(terminal) ? terminal : takeReports(journey, terminal.stationNumber, call.body);
      },
    }),
  ];
}

const terminalRefusals = ['terminal_signature_invalid', 'terminal_unknown', 'terminal_clock_wrong'] as const;

type KnownTerminal = { readonly terminalId: string; readonly stationNumber: number; readonly publicKey: KeyObject };
type Authenticate = (call: Call<unknown, unknown, unknown>) => Promise<KnownTerminal | Refusal>;

const rememberMs = 60_000;
const terminalsRememberedMax = 20_000;

/** Checks a request's signature. Public keys are kept parsed for a minute, so that a terminal that was moved or removed is seen soon. */
function createAuthentication(journey: Journey): Authenticate {
  const known = new Map<string, { readonly terminal: KnownTerminal; readonly until: number }>();
  async function find(terminalId: string): Promise<KnownTerminal | null> {
    const now = journey.now();
    const remembered = known.get(terminalId);
    if (remembered !== undefined && remembered.until > now) return remembered.terminal;
    known.delete(terminalId);
    const enrolled = await findTerminal(journey.db, terminalId);
    const publicKey =
      enrolled === null ? null : readTerminalPublicKey(Buffer.from(enrolled.publicKeyRaw).toString('base64url'));
    if (enrolled === null || publicKey === null) return null;
    const terminal = { terminalId, stationNumber: enrolled.stationNumber, publicKey };
    if (known.size >= terminalsRememberedMax) known.clear();
    known.set(terminalId, { terminal, until: now + rememberMs });
    return terminal;
  }
  return (call) =>
    verifyRequest(
      { method: call.method, target: call.target, headers: call.headers, body: call.rawBody },
      find,
      journey.now(),
    );
}

/** 0 where there is none or none of ours: then the whole log is sent. */
function readLastEventId(text: string | undefined): number {
  const sequence = /^\d{1,15}$/.test(text ?? '') ? Number(text) : 0;
  return sequence;
}

/**
 * The feed behind the terminal's cursor. Refusals: `feed_cursor_ahead` (the log ends before it: restored from a backup, or new),
 * `feed_log_replaced` (it has grown past it since, and has another permit there). Without them such a terminal would wait for ever, or miss
 * what took its numbers, and say nothing.
 */
async function openFeed(
  journey: Journey,
  stationNumber: number,
  headers: Readonly<Record<string, string>>,
): Promise<Reply | Refusal> {
  const sequence = readLastEventId(headers['last-event-id']);
  if (sequence > 0) {
    const permitId = await findEventPermit(journey.db, stationNumber, sequence);
    if (permitId === null) return refuse('feed_cursor_ahead');
    const readPermitId = headers[lastEventPermitHeader];
    if (readPermitId !== undefined && readPermitId !== permitId) return refuse('feed_log_replaced');
  }
  return { stream: streamFeed(journey, stationNumber, sequence) };
}

const streamFeed =
  (journey: Journey, stationNumber: number, sequence: number): EventStream =>
  (send) => {
    const follower = journey.feeds.follow(
      stationNumber,
      sequence,
      (event) =>
        send({ id: String(event.sequence), data: JSON.stringify({ sequence: event.sequence, ...event.body }) }),
      // The sweep tries again; the terminal misses nothing, since the log is the truth.
      () => undefined,
    );
    return () => follower.stop();
  };

async function takeReports(
  journey: Journey,
  stationNumber: number,
  { reports }: z.infer<typeof terminalReportsMessage>,
): Promise<Reply> {
  const receivedAt = journey.now();
  const answers = await Promise.all(
    reports.map(async ({ at, ...report }) => {
      const reportedAt = readInstant(at, receivedAt);
      const outcome = await journey.recordReport({
        ...report,
        stationNumber,
        reportId: storable(report.reportId),
        reason: report.reason === null ? null : storable(report.reason),
        deviceId: storable(report.deviceId),
        deviceRef: report.deviceRef === null ? null : storable(report.deviceRef),
        reportedAt,
        receivedAt,
      });
      return { reportId: report.reportId, outcome };
    }),
  );
  return { status: 200, json: { answers } };
}

/** PostgreSQL keeps any text but NUL and halves of surrogate pairs, which a broken device may send. */
const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed();

/** When the terminal says it was; what is no time at all, or one that cannot have been yet, is taken for now. */
function readInstant(text: string, now: number): number {
  const instant = Date.parse(text);
  return instant >= 0 && instant <= now + clockToleranceMs ? instant : now;
}
