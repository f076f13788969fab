import { z } from 'zod';
import { formatInstant } from '../base/clock.ts';
import { type BillTotals, netOf } from '../payment/bill.ts';
import { type DifferenceKind, differenceKinds } from '../payment/difference.ts';
import type { Difference } from '../payment/difference.sql.ts';
import type { ReconciledDay } from '../journey/reconcile-day.ts';
import { tradeKinds } from '../journey/trade.sql.ts';
import { decimalText } from './money-text.ts';
import { tableText } from './table-text.ts';

/** What is kept of a difference, as far as people are shown it one by one. */
const detailShape = z.looseObject({
  thereMinor: z.number().optional(),
  currency: z.string().optional(),
  hereMinor: z.number().optional(),
  hereCurrency: z.string().optional(),
  feeMinor: z.number().optional(),
  feeBookedMinor: z.number().optional(),
  at: z.string().optional(),
  word: z.string().nullish(),
  pump: z.number().nullish(),
  permit: z
    .looseObject({
      permitId: z.string(),
      state: z.string(),
      stateAt: z.string(),
      reports: z.array(z.looseObject({ state: z.string(), at: z.string(), deviceId: z.string() })),
    })
    .nullish(),
});

type Sum = { readonly amount: string; readonly currency: string };

/** A difference as every way of showing it has it; sums as decimals, null or empty where there is none. */
export type ShownDifference = {
  readonly state: 'open' | 'explained' | 'resolved';
  readonly there: Sum | null;
  readonly here: Sum | null;
  readonly at: string;
  readonly pump: string;
  readonly permit: string;
  readonly word: string;
};

export function showDifference(difference: Difference): ShownDifference {
  const detail = detailShape.parse(difference.detail);
  const { currency = '', hereCurrency = currency, permit } = detail;
  const sum = (minor: number | undefined, of: string): Sum | null =>
    minor === undefined ? null : { amount: decimalText(minor, of), currency: of };
  const isFee = difference.kind === 'fee';
  return {
    state: stateOf(difference),
    there: sum(isFee ? detail.feeMinor : detail.thereMinor, currency),
    here: sum(isFee ? detail.feeBookedMinor : detail.hereMinor, hereCurrency),
    at: detail.at ?? '',
    pump: detail.pump == null ? '' : String(detail.pump),
    permit:
      permit == null
        ? ''
        : [
            `${permit.permitId} ${permit.state} ${permit.stateAt}`,
            ...permit.reports.map(({ state, at, deviceId }) => `${state} ${at} by ${deviceId}`),
          ].join(', '),
    word: detail.word ?? '',
  };
}

function stateOf({ resolvedAt, explanations }: Difference): ShownDifference['state'] {
  if (resolvedAt !== null) return 'resolved';
  return explanations.length > 0 ? 'explained' : 'open';
}

/** The day of one account in a few lines: what its bill sums to, what agrees, and how much does not. */
export function describeDay(day: ReconciledDay): string {
  const name = `${day.day}  ${day.provider} ${day.account}, merchant ${day.merchantId}`;
  const counts = day.differences.map(({ kind, openCount, explainedCount, resolvedCount }) => [
    kind,
    ...[openCount, explainedCount, resolvedCount].map(String),
  ]);
  const differences =
    counts.length === 0
      ? '  no differences\n'
      : indent(tableText([['differences', 'open', 'explained', 'resolved'], ...counts], [1, 2, 3]));
  if (day.failure !== null)
    return `${name}\n  NOT RECONCILED: ${day.failure}\n${counts.length === 0 ? '' : differences}`;
  return [
    `${name}${day.isOver ? '' : '  (the day is not over: what it has so far)'}\n`,
    day.totals.length === 0
      ? '  the bill has no row\n'
      : indent(tableText([totalsHeading, ...day.totals.map(totalsRow)], [0, 1, 2, 3, 4, 5])),
    `  matched: ${day.matched.payments} payments, ${day.matched.refunds} refunds\n`,
    describeChange(day),
    describeTrade(day),
    differences,
  ].join('');
}

const totalsHeading = ['payments', 'refunds', 'fees', 'other', 'net', 'rows', 'currency'];

function totalsRow(totals: BillTotals): readonly string[] {
  const { currency } = totals;
  const decimal = (minor: number): string => decimalText(minor, currency);
  return [
    `${totals.paymentCount}: ${decimal(totals.paidMinor)}`,
    `${totals.refundCount}: ${decimal(totals.refundedMinor)}`,
    decimal(totals.feesMinor),
    decimal(totals.otherMinor),
    decimal(netOf(totals)),
    String(totals.paymentCount + totals.refundCount + totals.otherCount),
    currency,
  ];
}

const tradeWords = {
  paid_without_permit: 'paid without permit',
  permit_without_payment: 'permits without payment',
  printed_without_permit: 'printed without permit',
  permit_never_printed: 'permits never printed',
} as const satisfies Partial<Record<DifferenceKind, string>>;

/** Money, permit and paper of the day, each without the other; none where all is well. */
function describeTrade({ differences }: ReconciledDay): string {
  const standing = new Map(differences.map((one) => [one.kind, one.openCount + one.explainedCount]));
  const words = tradeKinds.map((kind) => `${standing.get(kind) ?? 0} ${tradeWords[kind]}`);
  return `  trade: ${words.join(', ')}\n`;
}

function describeChange({ bill }: ReconciledDay): string {
  if (bill === null || bill.cameCount + bill.wentCount === 0) return '';
  return `  THE BILL HAS CHANGED since it was first read: ${bill.cameCount} rows came, ${bill.wentCount} went (${bill.changedRows.join(', ')})\n`;
}

const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ');

/** A difference with what it means and what to do. */
export function describeDifference(difference: Difference): string {
  const { kind, differenceId, reference, orderId, stationNumber, explanations } = difference;
  const shown = showDifference(difference);
  const { means, todo } = differenceKinds[kind];
  const where = [
    orderId === null ? '' : `order ${orderId}`,
    stationNumber === 0 ? '' : `station ${stationNumber}`,
    shown.pump === '' ? '' : `pump ${shown.pump}`,
  ].filter((text) => text !== '');
  const sums = [
    shown.there === null ? '' : `there ${shown.there.amount} ${shown.there.currency}`,
    shown.here === null ? '' : `here ${shown.here.amount} ${shown.here.currency}`,
    shown.word === '' ? '' : JSON.stringify(shown.word),
  ].filter((text) => text !== '');
  return [
    `${differenceId}  ${kind}  ${sums.join(', ')}  ${shown.at}`.trimEnd(),
    `    ${means}: ${[reference, ...where].join(', ')}`,
    ...(shown.permit === '' ? [] : [`    permit ${shown.permit}`]),
    ...(shown.state === 'open'
      ? [`    to do: ${todo}; then forecourt reconcile explain ${differenceId} --by NAME --reason TEXT`]
      : []),
    ...explanations.map(({ at, by, reason }) => `    explained ${formatInstant(at)} by ${by}: ${reason}`),
    '',
  ].join('\n');
}
