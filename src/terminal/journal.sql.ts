import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

/** Where a permit stands in the journal. All but the first two are final; `settled` was over in the cloud before this box heard of it. */
export const slipStates = [
  'waiting',
  'printing',
  'printed',
  'processed',
  'unconfirmed',
  'revoked',
  'expired',
  'unprintable',
  'settled',
] as const;
export type SlipState = (typeof slipStates)[number];

/** A permit is tried so often before the ones behind it get their turn: a slip that cannot be printed must not hold up all others. */
export const triesATurn = 3;

const schemaVersion = 1;

const schema = `
  -- Numbered by the order of arrival: a log that was replaced gives its own numbers a second time.
  create table event (
    event_number integer primary key autoincrement,
    sequence integer not null,
    body text not null,
    received_at integer not null
  ) strict;

  -- The last event that was read, and its permit where it could be told.
  create table cursor (
    only_row integer primary key check (only_row = 1),
    sequence integer not null,
    permit_id text
  ) strict;
  insert into cursor (only_row, sequence) values (1, 0);

  create table permit (
    permit_id text primary key,
    event_number integer not null unique references event (event_number),
    expires_at integer not null,
    state text not null check (state in ('${slipStates.join("', '")}')),
    reason text,
    tries integer not null default 0,
    revoked_at integer,
    changed_at integer not null
  ) strict, without rowid;
  create index permit_waiting on permit (tries / ${triesATurn}, event_number) where state = 'waiting';
  create index permit_expiring on permit (expires_at) where state = 'waiting';

  create table report (
    report_number integer primary key autoincrement,
    report_id text not null unique,
    body text not null,
    outcome text,
    settled_at integer
  ) strict;
  create index report_waiting on report (report_number) where outcome is null;

  pragma user_version = ${schemaVersion};
`;

const permitRow = z.object({ permit_id: z.string(), reason: z.string().nullable(), revoked_at: z.number().nullable() });
const slipRow = z.object({ permit_id: z.string(), sequence: z.number(), expires_at: z.number(), body: z.string() });
const cursorRow = z.object({ sequence: z.number(), permit_id: z.string().nullable() });
const countsRow = z.object({ waiting: z.number(), printing: z.number(), unconfirmed: z.number(), reports: z.number() });

const stateRow = z.object({ state: z.enum(slipStates), reason: z.string().nullable() });

export type PermitRow = z.infer<typeof permitRow>;

export type JournalStatements = ReturnType<typeof prepareStatements>;

/**
 * Opens the file with the journal's tables, made at the first call. Every commit is on the disk before it returns (`synchronous=FULL`), and
 * the file belongs to one process at a time: two terminals on one journal would print twice.
 */
export function openJournalFile(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec(
      'pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; begin exclusive',
    );
    const version = z.object({ user_version: z.number() }).parse(db.prepare('pragma user_version').get()).user_version;
    if (version > schemaVersion)
      throw new Error(`${path} was written by a newer forecourt (journal version ${version})`);
    if (version === 0) db.exec(schema);
    db.exec('commit');
    return db;
  } catch (error) {
    db.close();
    throw error instanceof Error && /database is locked/.test(error.message)
      ? new Error(`${path} is in use by another terminal`, { cause: error })
      : error;
  }
}

/** Each statement of the journal, parsed once. Times are milliseconds since 1970. */
export function prepareStatements(db: DatabaseSync) {
  const findCursor = db.prepare('select sequence, permit_id from cursor');
  const setCursor = db.prepare('update cursor set sequence = ?, permit_id = ?');
  const insertEvent = db.prepare('insert into event (sequence, body, received_at) values (?, ?, ?)');
  const insertPermit = db.prepare(
    `insert into permit (permit_id, event_number, expires_at, state, reason, changed_at) values (?, ?, ?, ?, ?, ?)
     on conflict (permit_id) do nothing`,
  );
  const findState = db.prepare('select state, reason from permit where permit_id = ?');
  const revokePermit = db.prepare(
    `update permit set revoked_at = :now, changed_at = :now, state = case state when 'waiting' then 'revoked' else state end
     where permit_id = :permitId and revoked_at is null returning state`,
  );
  const expirePermits = db.prepare(
    `update permit set state = 'expired', changed_at = :now where state = 'waiting' and expires_at <= :now
     returning permit_id, reason, revoked_at`,
  );
  const nextSlip = db.prepare(
    `select p.permit_id, e.sequence, p.expires_at, e.body from permit p join event e using (event_number)
     where p.state = 'waiting' order by p.tries / ${triesATurn}, p.event_number limit 1`,
  );
  const markPrinting = db.prepare(
    `update permit set state = 'printing', tries = tries + 1, changed_at = ? where permit_id = ? and state = 'waiting'`,
  );
  const findPrinting = db.prepare(
    `select permit_id, reason, revoked_at from permit where permit_id = ? and state = 'printing'`,
  );
  const findAllPrinting = db.prepare(
    `select permit_id, reason, revoked_at from permit where state = 'printing' order by event_number`,
  );
  const setState = db.prepare('update permit set state = ?, reason = ?, changed_at = ? where permit_id = ?');
  const insertReport = db.prepare('insert into report (report_id, body) values (?, ?)');
  const waitingReports = db.prepare('select body from report where outcome is null order by report_number limit ?');
  const settleReport = db.prepare(
    'update report set outcome = ?, settled_at = ? where report_id = ? and outcome is null',
  );
  const counts = db.prepare(
    `select (select count(*) from permit where state = 'waiting') as waiting,
       (select count(*) from permit where state = 'printing') as printing,
       (select count(*) from permit where state = 'unconfirmed') as unconfirmed,
       (select count(*) from report where outcome is null) as reports`,
  );
  const deleteOldReports = db.prepare('delete from report where outcome is not null and settled_at < ?');
  const deleteOldPermits = db.prepare(
    `delete from permit where changed_at < ? and state not in ('waiting', 'printing')`,
  );
  const deleteOldEvents = db.prepare(
    `delete from event where received_at < ? and not exists (select 1 from permit p where p.event_number = event.event_number)`,
  );

  return {
    /** Commits when `work` returns, rolls back when it throws. */
    transaction<Result>(work: () => Result): Result {
      db.exec('begin immediate');
      try {
        const result = work();
        db.exec('commit');
        return result;
      } catch (error) {
        // A commit that finds the disk full has rolled back by itself.
        if (db.isTransaction) db.exec('rollback');
        throw error;
      }
    },
    findCursor: () => cursorRow.parse(findCursor.get()),
    setCursor: (sequence: number, permitId: string | null) => void setCursor.run(sequence, permitId),
    /** Gives the event's number in the journal. */
    insertEvent: (event: { sequence: number; body: string; now: number }): number =>
      Number(insertEvent.run(event.sequence, event.body, event.now).lastInsertRowid),
    /** False where the permit was there already. */
    insertPermit: (permit: {
      permitId: string;
      eventNumber: number;
      expiresAtMs: number;
      state: SlipState;
      reason: string | null;
      now: number;
    }): boolean =>
      insertPermit.run(permit.permitId, permit.eventNumber, permit.expiresAtMs, permit.state, permit.reason, permit.now)
        .changes === 1,
    findState: (permitId: string) => stateRow.optional().parse(findState.get(permitId)),
    /** The state of a permit that is revoked for the first time, or null: no such permit, or known as revoked. */
    revokePermit: (permitId: string, now: number): string | null =>
      z.object({ state: z.string() }).optional().parse(revokePermit.get({ permitId, now }))?.state ?? null,
    expirePermits: (now: number): PermitRow[] => z.array(permitRow).parse(expirePermits.all({ now })),
    nextSlip: () => slipRow.optional().parse(nextSlip.get()),
    markPrinting: (permitId: string, now: number) => void markPrinting.run(now, permitId),
    findPrinting: (permitId: string): PermitRow | undefined => permitRow.optional().parse(findPrinting.get(permitId)),
    findAllPrinting: (): PermitRow[] => z.array(permitRow).parse(findAllPrinting.all()),
    setState: (permit: { permitId: string; state: SlipState; reason: string | null; now: number }) =>
      void setState.run(permit.state, permit.reason, permit.now, permit.permitId),
    insertReport: (reportId: string, body: string) => void insertReport.run(reportId, body),
    waitingReports: (limit: number): string[] =>
      z
        .array(z.object({ body: z.string() }))
        .parse(waitingReports.all(limit))
        .map((row) => row.body),
    settleReport: (report: { reportId: string; outcome: string; now: number }) =>
      void settleReport.run(report.outcome, report.now, report.reportId),
    counts: () => countsRow.parse(counts.get()),
    deleteBefore(before: number): void {
      deleteOldReports.run(before);
      deleteOldPermits.run(before);
      deleteOldEvents.run(before);
    },
  };
}
