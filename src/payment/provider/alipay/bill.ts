import { z } from 'zod';
import { dayMs, hourMs } from '../../../base/clock.ts';
import { parseBeijingPlain } from '../beijing-time.ts';
import { type BillRow, ProviderError } from '../provider.ts';
import { isOnThisMachine } from '../service-url.ts';
import { parseYuan } from '../yuan.ts';
import { unreadable } from './bill-archive.ts';

const billBody = z.object({ bill_download_url: z.url({ protocol: /^https?$/ }) });

/**
 * Where the archive is, or null. Nothing in it is signed, so the line must be: an address without TLS is asked with it, but for a simulator on
 * this machine. It is another host than the API's, and none of our signatures goes there.
 */
export function readBillAddress(body: unknown): string | null {
  const parsed = billBody.safeParse(body);
  if (!parsed.success) return null;
  const url = new URL(parsed.data.bill_download_url);
  if (!isOnThisMachine(url)) url.protocol = 'https:';
  return url.toString();
}

/** Whether the bill of a day (`2026-11-02`, Beijing) must be there by now: it is made by ten the next morning. */
export function isBillDue(date: string, nowMs: number): boolean {
  const startsAt = parseBeijingPlain(`${date} 00:00:00`);
  return startsAt !== null && nowMs >= startsAt + dayMs + billHourMs;
}

const billHourMs = 10 * hourMs;

export const notMadeYet = (date: string): ProviderError =>
  new ProviderError('unknown', 'bill', `Alipay has no bill yet: that of ${date} is made by ten the next morning`, {
    billNotMadeYet: true,
  });

export type BillWish = { readonly sellerId: string; readonly date: string };

/**
 * The rows of one day: comment lines begin with `#`, then column names, then rows whose fields are padded with tabs, then the end line and two lines
 * of sums. Money stands in yuan; of refunds with a minus. Throws `ProviderError`: `unknown` for a text that is cut off or unreadable, or of another
 * day; `integrity` for one of another merchant.
 */
export function* readBill(text: string, wish: BillWish): Generator<BillRow> {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  checkHead(lines, wish);
  const start = lines.findIndex((line) => /^#-+业务明细列表-+$/.test(line));
  const end = lines.findIndex((line) => /^#-+业务明细列表结束-+$/.test(line));
  if (start < 0 || end < start + 2) throw unreadable('it has no beginning or no end');
  const columns = new Map(fieldsOf(lines[start + 1] ?? '').map((name, index) => [name, index]));
  const counts = { 交易: 0, 退款: 0 };
  for (const line of lines.slice(start + 2, end)) {
    const fields = fieldsOf(line);
    if (fields.length !== columns.size) throw unreadable(`a row has ${fields.length} fields and not ${columns.size}`);
    const row = readRow(columns, fields);
    if (row.kind !== 'other') counts[row.kind === 'payment' ? '交易' : '退款'] += 1;
    yield row;
  }
  for (const kind of ['交易', '退款'] as const) {
    const told = lines.slice(end).find((line) => line.startsWith(`#${kind}合计：`));
    if (told?.startsWith(`#${kind}合计：${counts[kind]}笔`) !== true)
      throw unreadable(`it has ${counts[kind]} rows of ${kind} and says ${told ?? 'nothing of how many there are'}`);
  }
}

/** An account is the merchant's number and four digits more. */
function checkHead(lines: readonly string[], { sellerId, date }: BillWish): void {
  const account = /^#账号：\[(\d+)\]/.exec(lines.find((line) => line.startsWith('#账号')) ?? '')?.[1];
  if (account === undefined) throw unreadable('it names no account');
  if (!account.startsWith(sellerId)) {
    throw new ProviderError('integrity', 'bill', `the bill asked for by ${sellerId} is one of account ${account}`);
  }
  const first = /^#起始日期：\[(\d{4})年(\d\d)月(\d\d)日/.exec(
    lines.find((line) => line.startsWith('#起始日期')) ?? '',
  );
  const day = first?.slice(1).join('-');
  if (day !== date) throw unreadable(`it is the bill of ${day ?? 'no day'} and not of ${date}`);
}

const fieldsOf = (line: string): readonly string[] => line.split(',').map((field) => field.trim());

function readRow(columns: ReadonlyMap<string, number>, fields: readonly string[]): BillRow {
  const field = (name: string): string => {
    const value = fields[columns.get(name) ?? -1];
    if (value === undefined) throw unreadable(`its rows have no ${name}`);
    return value;
  };
  const at = parseBeijingPlain(field('完成时间'));
  if (at === null) throw unreadable(`${field('完成时间')} is no time`);
  const orderFen = readFen(field('订单金额（元）'));
  const feeFen = Math.abs(readFen(field('服务费（元）')));
  const shared = { attemptRef: field('商户订单号'), providerPaymentId: field('支付宝交易号'), at };
  const type = field('业务类型');
  // Fees stand as what the merchant's balance gained or lost; here they are costs.
  if (type === '交易') return { ...shared, kind: 'payment', amount: yuan(orderFen), feeMinor: feeFen };
  if (type !== '退款') return { ...shared, kind: 'other', amount: yuan(orderFen), description: type };
  return {
    ...shared,
    kind: 'refund',
    refundRef: field('退款批次号/请求号'),
    amount: yuan(Math.abs(orderFen)),
    feeMinor: 0 - feeFen,
  };
}

const yuan = (minor: number) => ({ minor, currency: 'CNY' });

function readFen(text: string): number {
  const fen = parseYuan(text);
  if (fen === null) throw unreadable(`${text} is no amount in yuan`);
  return fen;
}
