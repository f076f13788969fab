import { createHash } from 'node:crypto';
import { z } from 'zod';
import { parseBeijingPlain } from '../beijing-time.ts';
import { type BillRow, ProviderError } from '../provider.ts';
import { parseYuan } from '../yuan.ts';

export const billBytesMax = 64 * 1024 * 1024;

const billBody = z.object({
  hash_type: z.literal('SHA1'),
  hash_value: z.string().regex(/^[0-9a-fA-F]{40}$/),
  download_url: z.url(),
});

export type BillAddress = { readonly sha1: string; readonly target: string };

/** Where the file is and what its SHA-1 must be, or null. Only path and query are taken: our signature goes to no other host. */
export function readBillAddress(body: unknown): BillAddress | null {
  const parsed = billBody.safeParse(body);
  if (!parsed.success) return null;
  const url = new URL(parsed.data.download_url);
  return { sha1: parsed.data.hash_value.toLowerCase(), target: url.pathname + url.search };
}

export const sha1Of = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');

const unreadable = (why: string): ProviderError =>
  new ProviderError('unknown', 'bill', `WeChat Pay's bill cannot be read: ${why}`);

/**
 * The rows of a trade bill: UTF-8 with a byte order mark, a line of column names, rows whose fields are joined by `,` and each begin with
 * a back-tick, then a line of summary names and one summary row. Money stands in yuan. Throws `ProviderError`: `unknown` for a file that
 * is cut off or unreadable, `integrity` for one of another merchant.
 */
export function* readBill(file: Buffer, merchantId: string): Generator<BillRow> {
  const lines = file
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line !== '');
  const columns = new Map((lines[0] ?? '').split(',').map((name, index) => [name.trim(), index]));
  let rowCount = 0;
  for (const line of lines.slice(1)) {
    if (!line.startsWith('`')) break;
    rowCount += 1;
    yield readRow(columns, line.slice(1).split(',`'), merchantId);
  }
  const summary = lines[rowCount + 2]?.slice(1).split(',`')[0];
  if (summary !== String(rowCount))
    throw unreadable(`it has ${rowCount} rows and its summary says ${summary ?? 'nothing'}`);
}

function readRow(columns: ReadonlyMap<string, number>, fields: readonly string[], merchantId: string): BillRow {
  const field = (name: string): string => {
    const value = fields[columns.get(name) ?? -1];
    if (value === undefined) throw unreadable(`a row has no ${name}`);
    return value.trim();
  };
  if (field('商户号') !== merchantId) {
    throw new ProviderError('integrity', 'bill', `the bill of merchant ${merchantId} has a row of ${field('商户号')}`);
  }
  const state = field('交易状态');
  const at = parseBeijingPlain(field('交易时间'));
  if (at === null) throw unreadable(`${field('交易时间')} is no time`);
  const currency = field('货币种类');
  const shared = {
    attemptRef: field('商户订单号'),
    providerPaymentId: field('微信订单号'),
    feeMinor: readFen(field('手续费')),
    at,
  };
  if (state === 'SUCCESS')
    return { ...shared, kind: 'payment', amount: { minor: readFen(field('订单金额')), currency } };
  const minor = readFen(field('申请退款金额'));
  // A payment by payment code that its merchant took back (REVOKED): none of ours, and yet money that leaves the account.
  if (state !== 'REFUND')
    return { ...shared, kind: 'other', amount: { minor: 0 - minor, currency }, description: state };
  const refundState = refundStates.get(field('退款状态')) ?? 'abnormal';
  return { ...shared, kind: 'refund', refundRef: field('商户退款单号'), refundState, amount: { minor, currency } };
}

/**
 * A refund stands in the bill of the day on which it was asked for, with the state that it had when the bill was made; later the bill is not mended
 * (https://pay.weixin.qq.com/docs/merchant/products/bill-download/format-trade.html).
 */
const refundStates = new Map<string, BillRow['refundState']>([
  ['SUCCESS', 'succeeded'],
  ['PROCESSING', 'processing'],
]);

/** Fees are written with five decimals, and given back with a minus. */
function readFen(yuan: string): number {
  const fen = parseYuan(yuan);
  if (fen === null) throw unreadable(`${yuan} is no amount in yuan`);
  return fen;
}
