import type { Database, Transaction } from '../database/database.ts';
import type { BillSheet } from '../payment/bill.ts';
import { differenceIdOf, type Finding, repeatedId } from '../payment/difference.ts';
import {
  type DifferenceKey,
  findOccurrences,
  findSurplusTransfers,
  insertDifferences,
  markSeen,
  type NewDifference,
  type Occurrence,
  resolveDifferences,
  resolveUnseen,
} from '../payment/difference.sql.ts';
import { bookSurplus, bookSurplusGone, type Transfer } from '../payment/ledger.ts';
import { insertTransfers } from '../payment/ledger.sql.ts';

/** One run over one day of one account. */
export type Run = { readonly sheet: BillSheet; readonly number: number };

/**
 * `standing`: it differs now, so that the ledger must show it. `passing`: it differs, and what follows in this run is to put it right; where it does not,
 * it is found again as standing.
 */
export type Standing = 'standing' | 'passing';

/** Keeps what a run found: what is new is written down, what stood before was seen once more, and what stands goes into suspense. */
export async function keepFindings(
  tx: Transaction,
  run: Run,
  findings: readonly Finding[],
  standing: Standing,
  now: number,
): Promise<void> {
  const named = new Map(findings.map((finding) => [differenceIdOf(run.sheet, finding), finding]));
  if (named.size === 0) return;
  const keys = [...named].map(([baseId, { stationNumber }]) => ({ stationNumber, baseId }));
  const found = await findOccurrences(tx, keys);
  const latest = new Map(found.map((one) => [one.baseId, one]));
  if (standing === 'standing')
    for (const one of await endOutdated(tx, run, { named, found }, now))
      latest.set(one.baseId, { ...one, isResolved: true });
  const fresh: NewDifference[] = [];
  const seen: DifferenceKey[] = [];
  const transfers: Transfer[] = [];
  const seenRun = standing === 'standing' ? run.number : run.number - 1;
  for (const [baseId, finding] of named) {
    const before = latest.get(baseId);
    const isNew = before === undefined || before.isResolved;
    const occurrence = isNew ? (before?.occurrence ?? 0) + 1 : before.occurrence;
    const differenceId = repeatedId(baseId, occurrence);
    if (isNew) fresh.push({ ...toRow(run, finding, now), differenceId, baseId, occurrence, seenRun });
    else seen.push({ stationNumber: finding.stationNumber, differenceId });
    if (standing === 'standing') transfers.push(...transfersOf(run, finding, differenceId, now));
  }
  await insertDifferences(tx, fresh);
  await markSeen(tx, seen, { at: now, run: seenRun });
  await insertTransfers(tx, transfers);
}

type Found = { readonly named: ReadonlyMap<string, Finding>; readonly found: readonly Occurrence[] };

/**
 * Our own books may have moved since a difference was booked: the judge heard later of the same payment and put it into suspense himself. Such a
 * difference is resolved and booked back, and stands anew with what is then left to be booked. Gives those that ended so.
 */
async function endOutdated(tx: Transaction, run: Run, { named, found }: Found, now: number) {
  const open = found
    .filter(({ isResolved }) => !isResolved)
    .map((one) => ({ ...one, differenceId: repeatedId(one.baseId, one.occurrence) }));
  if (open.length === 0) return [];
  const booked = Map.groupBy(await findSurplusTransfers(tx, open), ({ transferId }) => transferId.split(':')[1]);
  const outdated = open.filter(({ baseId, differenceId }) => {
    const finding = named.get(baseId);
    const stands = booked.get(differenceId);
    return (
      finding !== undefined &&
      stands !== undefined &&
      said(stands) !== said(transfersOf(run, finding, differenceId, now))
    );
  });
  await resolveDifferences(tx, outdated, now);
  await insertTransfers(
    tx,
    outdated.flatMap(({ differenceId }) => (booked.get(differenceId) ?? []).map((one) => bookSurplusGone(one, now))),
  );
  return outdated;
}

/** What transfers move, in whatever order they are given. */
const said = (transfers: readonly Transfer[]): string =>
  transfers
    .map(({ transferId, debitAccount, creditAccount, amountMinor, currency }) =>
      [transferId, debitAccount, creditAccount, amountMinor, currency].join(' '),
    )
    .sort()
    .join('\n');

const toRow = ({ sheet, number }: Run, finding: Finding, now: number) => ({
  ...sheet,
  kind: finding.kind,
  stationNumber: finding.stationNumber,
  reference: finding.reference,
  orderId: finding.orderId,
  detail: { ...finding.around, ...finding.facts },
  foundAt: now,
  foundRun: number,
});

const transfersOf = ({ sheet }: Run, finding: Finding, differenceId: string, now: number): readonly Transfer[] =>
  finding.surplus.map(({ minor, currency }, index) =>
    bookSurplus(
      { stationNumber: finding.stationNumber, orderId: finding.orderId, amountMinor: minor, currency, madeAt: now },
      sheet.provider,
      { differenceId, part: index + 1 },
    ),
  );

const resolvedAtOnceMax = 1_000;

/** What this run did not find any more is resolved by itself, and what was booked for it is booked back. */
export async function resolveGone(db: Database, run: Run, now: number): Promise<void> {
  for (;;) {
    const gone = await db.transaction(async (tx) => {
      const keys = await resolveUnseen(tx, run.sheet, { number: run.number, now, limit: resolvedAtOnceMax });
      const booked = await findSurplusTransfers(tx, keys);
      await insertTransfers(
        tx,
        booked.map((transfer) => bookSurplusGone(transfer, now)),
      );
      return keys.length;
    });
    if (gone < resolvedAtOnceMax) return;
  }
}
