import { createBatcher } from '../base/batcher.ts';
import type { Clock } from '../base/clock.ts';
import type { Database } from '../database/database.ts';
import { orderAfter } from '../order/order.ts';
import type { WantsEvent } from '../outgoing/subscription.ts';
import { permitAfter } from '../permit/permit.ts';
import { findPermitOrders } from '../permit/permit.sql.ts';
import { insertReports, type PermitReport } from '../permit/report.sql.ts';
import type { StationEvent } from '../station/station-feed.sql.ts';
import { findStationEvents } from '../station/station-feed.sql.ts';
import type { Alarm } from './alarm.ts';
import { type Books, lockBooks, storeChanges } from './books.ts';
import type { Signal } from './signal.ts';

/**
 * Step 7 of the journey: the order's information goes to the station, whose own device issues the permit, and what the device did comes
 * back. The station's log is the truth; the signal only makes it quick.
 */
export type DeliverWorld = {
  readonly db: Database;
  readonly now: Clock;
  readonly signal: Signal;
  readonly alarm: Alarm;
  readonly wantsEvent: WantsEvent;
};

/** `unknown`: the station has no such permit. A report that is known already is accepted and changes nothing. */
export type ReportOutcome = 'accepted' | 'report_permit_unknown';
export type RecordReport = (report: PermitReport) => Promise<ReportOutcome>;

const reportsBatchMax = 500;

export function createRecordReport(world: DeliverWorld): RecordReport {
  return createBatcher<PermitReport, ReportOutcome>({
    batchMax: reportsBatchMax,
    store: (reports) => recordReports(world, reports),
  });
}

async function recordReports(world: DeliverWorld, reports: readonly PermitReport[]): Promise<readonly ReportOutcome[]> {
  const now = world.now();
  const owners = await findPermitOrders(world.db, reports);
  const orderIds = new Map(owners.map((owner) => [permitName(owner), owner.orderId]));
  const known = reports.filter((report) => orderIds.has(permitName(report)));
  const { changed, told, outAfterRefund } = await world.db.transaction(async (tx) => {
    const before = await lockBooks(tx, owners);
    const isNew = await insertReports(tx, uniqueReports(known));
    const fresh = uniqueReports(known).filter((one) => isNew.has(`${one.stationNumber} ${one.reportId}`));
    const after = new Map(before);
    const told: PermitReport[] = [];
    const outAfterRefund = new Set<string>();
    for (const report of fresh) {
      const orderId = orderIds.get(permitName(report)) ?? '';
      const books = after.get(orderId);
      if (books === undefined) continue;
      const next = decideReport(books, report);
      after.set(orderId, next);
      if (next !== books || isOutAfterRefund(books, report)) told.push(report);
      if (isOutAfterRefund(books, report)) outAfterRefund.add(report.reportId);
    }
    await storeChanges(tx, { before, after, transfers: [], events: [], facts: [] }, now, world.wantsEvent);
    const changed = [...after].filter(([orderId, books]) => books !== before.get(orderId)).map(([orderId]) => orderId);
    return { changed, told, outAfterRefund };
  });
  world.signal.tell({ orderIds: changed, events: [] });
  // What comes late, after the permit was printed or has expired, is kept and wakes nobody.
  for (const report of told) raiseAlarm(world, report, outAfterRefund.has(report.reportId));
  return reports.map((report) => (orderIds.has(permitName(report)) ? 'accepted' : 'report_permit_unknown'));
}

const permitName = (permit: { readonly stationNumber: number; readonly permitId: string }): string =>
  `${permit.stationNumber} ${permit.permitId}`;

const uniqueReports = (reports: readonly PermitReport[]): readonly PermitReport[] =>
  [
    ...new Map(reports.toReversed().map((report) => [`${report.stationNumber} ${report.reportId}`, report])).values(),
  ].toReversed();

/** The order is fulfilled when the station's device says that the permit is out, and not before. */
export function decideReport(books: Books, report: PermitReport): Books {
  if (books.permit === null) return books;
  const state = permitAfter(books.permit.state, report.state);
  if (state === books.permit.state) return books;
  const permit = { ...books.permit, state, stateAt: report.reportedAt };
  const delivered = state === 'printed' || state === 'processed';
  return delivered
    ? { ...books, permit, order: { ...books.order, state: orderAfter(books.order.state, 'delivered') } }
    : { ...books, permit };
}

/** A slip that lies on the counter though its money went back: it opens no gate, but a person might take it for good. */
const isOutAfterRefund = ({ permit }: Books, { state }: PermitReport): boolean =>
  permit?.state === 'revoked' && (state === 'printed' || state === 'processed');

function raiseAlarm(world: DeliverWorld, report: PermitReport, afterRefund: boolean): void {
  const trouble = report.state === 'unconfirmed' || report.state === 'undeliverable' ? report.state : null;
  if (trouble === null && !afterRefund) return;
  world.alarm(trouble === null ? 'permit_out_after_refund' : `permit_${trouble}`, {
    stationNumber: report.stationNumber,
    permitId: report.permitId,
    deviceId: report.deviceId,
    reason: report.reason,
  });
}

/** A terminal that follows its station's log. */
export type Follower = { stop(): void };

export type Feeds = {
  /** Sends every event after `sequence`, in order and without a gap, now and whenever the log grows. */
  follow(
    stationNumber: number,
    sequence: number,
    send: (event: StationEvent) => void,
    failed: (error: unknown) => void,
  ): Follower;
  /** Looks for events whose signal was lost. */
  sweep(): Promise<void>;
};

const eventsReadMax = 500;

export function createFeeds(world: Pick<DeliverWorld, 'db' | 'signal'>): Feeds {
  const followers = new Set<() => Promise<void>>();
  return {
    follow(stationNumber, sequence, send, failed) {
      const follower = createFollower(world, stationNumber, sequence, send, failed);
      followers.add(follower.catchUp);
      void follower.catchUp();
      return {
        stop() {
          followers.delete(follower.catchUp);
          follower.stop();
        },
      };
    },
    async sweep() {
      for (const catchUp of followers) await catchUp();
    },
  };
}

function createFollower(
  world: Pick<DeliverWorld, 'db' | 'signal'>,
  stationNumber: number,
  from: number,
  send: (event: StationEvent) => void,
  failed: (error: unknown) => void,
) {
  let sequence = from;
  let stopped = false;
  let reading: Promise<void> | undefined;
  let again = false;

  function sendNext(events: readonly StationEvent[]): void {
    for (const event of events) {
      if (stopped || event.sequence !== sequence + 1) continue;
      sequence = event.sequence;
      send(event);
    }
  }

  async function readOn(): Promise<void> {
    try {
      for (;;) {
        again = false;
        const events = await findStationEvents(world.db, stationNumber, sequence, eventsReadMax);
        sendNext(events);
        if (stopped || (events.length < eventsReadMax && !again)) return;
      }
    } catch (error) {
      failed(error);
    } finally {
      // In the same turn as the decision to end: whoever hears of more afterwards begins anew.
      reading = undefined;
    }
  }

  function catchUp(): Promise<void> {
    again = true;
    reading ??= readOn();
    return reading;
  }

  // What this node just committed comes with the signal: no query where it fits on to what was sent.
  const stopListening = world.signal.onStation(stationNumber, (events) => {
    if (reading === undefined && events !== null) sendNext(events);
    const last = events?.at(-1)?.sequence ?? Number.POSITIVE_INFINITY;
    if (last > sequence) void catchUp();
  });

  return {
    catchUp,
    stop() {
      stopped = true;
      stopListening();
    },
  };
}
