import { formatInstant } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { DeviceResult } from '../device/device.ts';
import type { PermitSlip } from '../device/receipt.message.ts';
import type { FeedEvent } from './feed-event.ts';
import { openJournalFile, type PermitRow, prepareStatements, type SlipState } from './journal.sql.ts';
import { type TerminalReport, terminalEventMessage, terminalReportMessage } from './terminal.message.ts';

export type PermitToPrint = { readonly permitId: string; readonly slip: PermitSlip };

export type RecordedEvents = {
  readonly recorded: readonly FeedEvent[];
  /** The first event that does not follow the last one: it and all behind it were left. */
  readonly gap: { readonly expected: number; readonly got: number } | null;
};

export type JournalCounts = {
  readonly waiting: number;
  readonly printing: number;
  readonly unconfirmed: number;
  readonly reports: number;
};

/**
 * What the terminal knows, on its disk before it acts, so that a power cut at any moment neither loses a permit nor prints one
 * twice. Each call is one transaction; what is to be told to the cloud is written in the same one. Times are milliseconds since 1970.
 */
export type Journal = {
  /** The cursor for `Last-Event-ID`; 0 before the first event. */
  lastSequence(): number;
  /** The permit of the event at the cursor; null where there is none or none could be read. */
  lastPermitId(): string | null;
  /** Puts the cursor to 0, for a log that is not the one that was read. What is known of permits stays: none prints twice. */
  restartFeed(): void;
  /**
   * Keeps the events in order; those known already change nothing. A permit that has expired or is revoked before its turn is
   * refused here, and the refusal is durable before anybody can be told, so that no late duplicate prints after the refund. Nor is one
   * printed that is over in the cloud, or that another box may have printed (`sent`): that one is told as unconfirmed, for staff to look.
   */
  recordEvents(events: readonly FeedEvent[], now: number): RecordedEvents;
  /** The next permit in line, durably marked as printing; null where none waits. Permits whose time is over are refused on the way. */
  takePermit(now: number): PermitToPrint | null;
  /** Keeps what became of a permit that was taken, and gives where it stands now. */
  finishPermit(permitId: string, result: DeviceResult): SlipState;
  /** Marks every permit that was being printed when the terminal ended: it may be on paper, so only a person may print it again. */
  giveUpPrinting(now: number): readonly string[];
  waitingReports(limit: number): TerminalReport[];
  /** `outcome` is `accepted` or the name of the refusal; either way the report is not sent again. */
  settleReports(outcomes: readonly { readonly reportId: string; readonly outcome: string }[], now: number): void;
  counts(): JournalCounts;
  /** Deletes what was settled before this time; never the cursor, a waiting permit or a waiting report. */
  forgetBefore(before: number): void;
  close(): void;
};

export type JournalOptions = { readonly path: string; readonly deviceId: string; readonly random: Random };

/** Opens the journal at `path`, made at the first call. Throws where another process has it open. */
export function openJournal({ path, deviceId, random }: JournalOptions): Journal {
  const db = openJournalFile(path);
  const sql = prepareStatements(db);
  let { sequence: cursor, permit_id: cursorPermitId } = sql.findCursor();

  function report(
    state: TerminalReport['state'],
    permitId: string,
    what: { reason?: string | null; deviceRef?: string; at: number },
  ): void {
    const reportId = Buffer.from(random(16)).toString('hex');
    const { reason = null, deviceRef = null, at } = what;
    const body: TerminalReport = {
      reportId,
      permitId,
      state,
      reason: reason?.slice(0, 200) ?? null,
      deviceId,
      deviceRef: deviceRef?.slice(0, 64) ?? null,
      at: formatInstant(at),
    };
    sql.insertReport(reportId, JSON.stringify(body));
  }

  function recordEvent(event: FeedEvent, now: number): void {
    const eventNumber = sql.insertEvent({ ...event, now });
    if (event.permitId === null) return;
    const { permitId } = event;
    if (event.kind === 'revoked') {
      if (sql.revokePermit(permitId, now) === 'revoked')
        report('undeliverable', permitId, { reason: 'revoked', at: now });
      return;
    }
    const { state, expiresAtMs, reason } = stateAtArrival(event, now);
    if (!sql.insertPermit({ permitId, eventNumber, expiresAtMs, state, reason, now })) repeatReport(event, now);
    else if (state === 'unconfirmed') report('unconfirmed', permitId, { reason, at: now });
    else if (state !== 'settled') report(state === 'waiting' ? 'sent' : 'undeliverable', permitId, { reason, at: now });
  }

  /** A cloud that was restored from a backup no longer knows what it was told: what this box did is told again. */
  function repeatReport(event: FeedEvent, now: number): void {
    if (event.kind !== 'issued' || (event.state !== 'issued' && event.state !== 'sent')) return;
    const known = sql.findState(event.permitId);
    if (known?.state === 'printed' || known?.state === 'processed' || known?.state === 'unconfirmed')
      report(known.state, event.permitId, { reason: known.reason, at: now });
  }

  function refuseExpired(now: number): void {
    for (const permit of sql.expirePermits(now)) {
      const reason = permit.reason === null ? 'expired' : `expired: ${permit.reason}`;
      report('undeliverable', permit.permit_id, { reason, at: now });
    }
  }

  function finish(permit: PermitRow, result: DeviceResult): SlipState {
    const { permit_id: permitId } = permit;
    const { deviceRef, at } = result;
    const state = stateAfter(result, permit.revoked_at !== null);
    const reason = state === 'revoked' ? 'revoked' : result.reason;
    sql.setState({ permitId, state, reason, now: at });
    if (state === 'printed' || state === 'processed' || state === 'unconfirmed')
      report(state, permitId, { reason, deviceRef, at });
    else if (state === 'revoked' || state === 'unprintable') report('undeliverable', permitId, { reason, at });
    // While it is tried again the cloud hears why it is not out yet, once a reason.
    else if (reason !== permit.reason) report('sent', permitId, { reason, deviceRef, at });
    return state;
  }

  return {
    lastSequence: () => cursor,
    lastPermitId: () => cursorPermitId,
    restartFeed() {
      sql.setCursor(0, null);
      cursor = 0;
      cursorPermitId = null;
    },
    recordEvents(events, now) {
      const { following, gap } = followCursor(events, cursor);
      const last = following.at(-1);
      if (last === undefined) return { recorded: [], gap };
      sql.transaction(() => {
        for (const event of following) recordEvent(event, now);
        sql.setCursor(last.sequence, last.permitId);
      });
      cursor = last.sequence;
      cursorPermitId = last.permitId;
      return { recorded: following, gap };
    },
    takePermit: (now) =>
      sql.transaction(() => {
        refuseExpired(now);
        const row = sql.nextSlip();
        if (row === undefined) return null;
        const event = terminalEventMessage.parse(JSON.parse(row.body));
        if (event.kind !== 'permit.issued')
          throw new Error(`event ${row.sequence} of permit ${row.permit_id} is ${event.kind}`);
        sql.markPrinting(row.permit_id, now);
        return { permitId: row.permit_id, slip: event.slip };
      }),
    finishPermit: (permitId, result) =>
      sql.transaction(() => {
        const permit = sql.findPrinting(permitId);
        if (permit === undefined) throw new Error(`permit ${permitId} was not being printed`);
        return finish(permit, result);
      }),
    giveUpPrinting: (now) =>
      sql.transaction(() =>
        sql.findAllPrinting().map((permit) => {
          finish(permit, { state: 'unconfirmed', reason: 'terminal-stopped', deviceRef: '', at: now });
          return permit.permit_id;
        }),
      ),
    waitingReports: (limit) => sql.waitingReports(limit).map((body) => terminalReportMessage.parse(JSON.parse(body))),
    settleReports: (outcomes, now) =>
      sql.transaction(() => outcomes.forEach((one) => sql.settleReport({ ...one, now }))),
    counts: () => sql.counts(),
    forgetBefore: (before) => sql.transaction(() => sql.deleteBefore(before)),
    close: () => db.close(),
  };
}

/** The events that follow the cursor one by one, repetitions left out, up to the first that leaves a number out. */
function followCursor(
  events: readonly FeedEvent[],
  cursor: number,
): { readonly following: readonly FeedEvent[]; readonly gap: RecordedEvents['gap'] } {
  const following: FeedEvent[] = [];
  for (const event of events) {
    const expected = cursor + following.length + 1;
    if (event.sequence > expected) return { following, gap: { expected, got: event.sequence } };
    if (event.sequence === expected) following.push(event);
  }
  return { following, gap: null };
}

/** The cloud had the permit as sent, and this box knows nothing of it: another box died with it, before or after it was printed. */
const sentToAnother = 'sent-to-another-terminal';

function stateAtArrival(
  event: FeedEvent & { kind: 'issued' | 'unreadable' },
  now: number,
): { state: SlipState; expiresAtMs: number; reason: string | null } {
  if (event.kind === 'unreadable') return { state: 'unprintable', expiresAtMs: 0, reason: 'unreadable' };
  const { expiresAtMs } = event;
  if (event.state === 'sent') return { state: 'unconfirmed', expiresAtMs, reason: sentToAnother };
  if (event.state !== 'issued') return { state: 'settled', expiresAtMs, reason: event.state };
  return expiresAtMs <= now
    ? { state: 'expired', expiresAtMs, reason: 'expired' }
    : { state: 'waiting', expiresAtMs, reason: null };
}

/** The one failure of a device that no new paper mends: the slip itself is no receipt. */
const slipUnprintable = 'slip-unprintable';

/**
 * Where a permit stands after the device answered. Only what is certainly not on paper goes back in line; what began and did not
 * finish (`-mid`) may have left a slip in the driver's hand, so that a person has to look (devices.md 3.4).
 */
export function stateAfter(result: Pick<DeviceResult, 'state' | 'reason'>, revoked: boolean): SlipState {
  if (result.state !== 'failed') return result.state;
  if (result.reason?.endsWith('-mid')) return 'unconfirmed';
  if (result.reason === slipUnprintable) return 'unprintable';
  return revoked ? 'revoked' : 'waiting';
}
