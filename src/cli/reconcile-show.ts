import { formatInstant } from '../base/clock.ts';
import type { Database } from '../database/database.ts';
import type { ReconciledDay } from '../journey/reconcile-day.ts';
import { type BillTotals, netOf } from '../payment/bill.ts';
import { type Difference, findDifferencesPage } from '../payment/difference.sql.ts';
import { csvLine } from './csv-line.ts';
import { decimalText } from './money-text.ts';
import { describeDay, describeDifference, type ShownDifference, showDifference } from './reconcile-text.ts';
import { writeOut } from './write-out.ts';

const shownMax = 100;
const listedMax = 10_000;
const pageMax = 500;

/** What a run over all accounts came to. */
export type Outcome = {
  readonly day: string;
  readonly days: readonly ReconciledDay[];
  readonly failures: readonly string[];
};

export const countOpen = (days: readonly ReconciledDay[]): number =>
  days.flatMap(({ differences }) => differences).reduce((sum, { openCount }) => sum + openCount, 0);

/** Writes the outcome for people, as one JSON object, or its differences as CSV. */
export async function showDays(db: Database, outcome: Outcome, form: 'text' | 'json' | 'csv'): Promise<void> {
  await { text: showText, json: showJson, csv: showCsv }[form](db, outcome);
}

async function showText(db: Database, { days }: Outcome): Promise<void> {
  for (const day of days) {
    await writeOut(`${describeDay(day)}\n`);
    const listed = await listDifferences(db, day, shownMax, ({ resolvedAt }) => resolvedAt === null);
    await writeOut(listed.map((one) => `${describeDifference(one)}\n`).join(''));
    const standing = day.differences.reduce((sum, one) => sum + one.openCount + one.explainedCount, 0);
    if (standing > listed.length) await writeOut(`and ${standing - listed.length} more: --csv lists all\n`);
  }
}

async function* pagesOf(db: Database, day: ReconciledDay): AsyncGenerator<readonly Difference[]> {
  let last: Difference | null = null;
  for (;;) {
    const page: readonly Difference[] = await findDifferencesPage(db, day, last, pageMax);
    yield page;
    last = page.at(-1) ?? null;
    if (page.length < pageMax) return;
  }
}

async function listDifferences(
  db: Database,
  day: ReconciledDay,
  max: number,
  isWanted: (difference: Difference) => boolean,
): Promise<readonly Difference[]> {
  const listed: Difference[] = [];
  for await (const page of pagesOf(db, day)) {
    listed.push(...page.filter(isWanted));
    if (listed.length >= max) break;
  }
  return listed.slice(0, max);
}

type Cell = readonly [column: string, value: (one: Difference, shown: ShownDifference) => string | number | null];

const time = (ms: number | null): string => (ms === null ? '' : formatInstant(ms));

const cells: readonly Cell[] = [
  ['difference', (one) => one.differenceId],
  ['day', (one) => one.day],
  ['service', (one) => one.provider],
  ['merchant', (one) => one.merchantId],
  ['kind', (one) => one.kind],
  ['state', (_, shown) => shown.state],
  ['reference', (one) => one.reference],
  ['order', (one) => one.orderId],
  ['station', (one) => one.stationNumber],
  ['pump', (_, shown) => shown.pump],
  ['there', (_, shown) => shown.there?.amount ?? ''],
  ['there_currency', (_, shown) => shown.there?.currency ?? ''],
  ['here', (_, shown) => shown.here?.amount ?? ''],
  ['here_currency', (_, shown) => shown.here?.currency ?? ''],
  ['at', (_, shown) => shown.at],
  ['permit', (_, shown) => shown.permit],
  ['word', (_, shown) => shown.word],
  ['found_at', (one) => time(one.foundAt)],
  ['seen_at', (one) => time(one.seenAt)],
  ['resolved_at', (one) => time(one.resolvedAt)],
  ['explained_by', (one) => one.explanations.at(-1)?.by ?? ''],
  ['reason', (one) => one.explanations.at(-1)?.reason ?? ''],
];

async function showCsv(db: Database, { days }: Outcome): Promise<void> {
  await writeOut(csvLine(cells.map(([column]) => column)));
  for (const day of days)
    for await (const page of pagesOf(db, day)) if (!(await writeOut(page.map(toCsv).join('')))) return;
}

function toCsv(one: Difference): string {
  const shown = showDifference(one);
  return csvLine(cells.map(([, value]) => value(one, shown)));
}

async function showJson(db: Database, { day, days, failures }: Outcome): Promise<void> {
  const accounts: object[] = [];
  for (const one of days) {
    const { totals, differences: counts, ...rest } = one;
    const differences = (await listDifferences(db, one, listedMax, () => true)).map(toJson);
    const total = counts.reduce((sum, kind) => sum + kind.openCount + kind.explainedCount + kind.resolvedCount, 0);
    accounts.push({ ...rest, totals: totals.map(toTotals), counts, differences, leftOff: total - differences.length });
  }
  await writeOut(`${JSON.stringify({ day, unexplained: countOpen(days), failures, accounts })}\n`);
}

function toTotals(totals: BillTotals) {
  const { currency, paymentCount, paidMinor, refundCount, refundedMinor, otherCount, otherMinor, feesMinor } = totals;
  const sum = (minor: number): string => decimalText(minor, currency);
  return {
    currency,
    payments: { count: paymentCount, sum: sum(paidMinor) },
    refunds: { count: refundCount, sum: sum(refundedMinor) },
    other: { count: otherCount, sum: sum(otherMinor) },
    fees: sum(feesMinor),
    net: sum(netOf(totals)),
  };
}

const toJson = (one: Difference) => ({
  differenceId: one.differenceId,
  kind: one.kind,
  ...showDifference(one),
  stationNumber: one.stationNumber,
  orderId: one.orderId,
  reference: one.reference,
  detail: one.detail,
  foundAt: formatInstant(one.foundAt),
  seenAt: formatInstant(one.seenAt),
  resolvedAt: one.resolvedAt === null ? null : formatInstant(one.resolvedAt),
  explanations: one.explanations.map(({ at, by, reason }) => ({ at: formatInstant(at), by, reason })),
});
