import { beijingDay, beijingPlain } from '../service/beijing.ts';
import type { Credentials } from './credentials.ts';
import { encodeGbk } from './gbk.ts';
import type { Ledger, Payment, Refund, Trade } from './ledger.ts';
import { sum, writeYuan } from './money.ts';
import { logonIdOf, totalFenOf } from './trade.ts';
import { zip } from './zip.ts';

/** What the service keeps of each payment, in hundredths of a percent. */
const feeBasisPoints = 60;

const columns = [
  '支付宝交易号',
  '商户订单号',
  '业务类型',
  '商品名称',
  '创建时间',
  '完成时间',
  '门店编号',
  '门店名称',
  '操作员',
  '终端号',
  '对方账户',
  '订单金额（元）',
  '商家实收（元）',
  '支付宝红包（元）',
  '集分宝（元）',
  '支付宝优惠（元）',
  '商家优惠（元）',
  '券核销金额（元）',
  '券名称',
  '商家红包消费金额（元）',
  '卡消费金额（元）',
  '退款批次号/请求号',
  '服务费（元）',
  '分润（元）',
  '备注',
];

type Row = {
  readonly payment: Payment & { readonly trade: Trade };
  readonly type: '交易' | '退款';
  readonly fen: number;
  readonly feeFen: number;
  readonly atMs: number;
  readonly refundRef: string;
};

const feeOf = (fen: number): number => Math.round((fen * feeBasisPoints) / 10_000);
const none = '0.00';

/** Fields are padded with tabs, so that a spreadsheet leaves long numbers alone. Amounts of refunds and fees bear a minus. */
function lineOf({ payment, type, fen, feeFen, atMs, refundRef }: Row): string {
  const { trade, outTradeNo, subject } = payment;
  const names = [`${trade.tradeNo}\t`, `${outTradeNo}\t`, `${type}    \t`, `${subject}\t`];
  const times = [beijingPlain(trade.createdAtMs), beijingPlain(atMs)];
  const places = ['', '', '', '', `${logonIdOf(trade.buyerId)}\t`];
  const discounts = [none, none, none, none, none, '', none, none];
  const end = [`${refundRef}\t`, writeYuan(feeFen), none, '\t'];
  return [...names, ...times, ...places, writeYuan(fen), writeYuan(fen), ...discounts, ...end].join(',');
}

function rowsOf(ledger: Ledger, day: string): Row[] {
  const isOfDay = (ms: number | null): ms is number => ms !== null && beijingDay(ms) === day;
  const paymentRow = (payment: Payment): Row[] => {
    const { trade } = payment;
    if (trade === null || !isOfDay(trade.paidAtMs)) return [];
    const fen = totalFenOf(payment);
    return [
      {
        payment: { ...payment, trade },
        type: '交易',
        fen,
        feeFen: 0 - feeOf(fen),
        atMs: trade.paidAtMs,
        refundRef: '',
      },
    ];
  };
  const refundRow = (refund: Refund): Row[] => {
    const payment = ledger.findPayment(refund.outTradeNo);
    const trade = payment?.trade ?? null;
    if (payment === undefined || trade === null || refund.status !== 'SUCCESS' || !isOfDay(refund.finishedAtMs))
      return [];
    return [
      {
        payment: { ...payment, trade },
        type: '退款',
        fen: 0 - refund.refundFen,
        feeFen: feeOf(refund.refundFen),
        atMs: refund.finishedAtMs,
        refundRef: refund.outRequestNo,
      },
    ];
  };
  return [...ledger.listPayments().flatMap(paymentRow), ...ledger.listRefunds().flatMap(refundRow)];
}

const chineseDay = (ms: number): string => {
  const [year = '', month = '', day = ''] = beijingDay(ms).split('-');
  return `${year}年${month}月${day}日 00:00:00`;
};

/** The trade bill of one day in Beijing: an archive of two files in GBK, the rows and their sums. Null for a day without trade. */
export function writeBill(ledger: Ledger, day: string, { sellerId }: Pick<Credentials, 'sellerId'>): Buffer | null {
  const rows = rowsOf(ledger, day);
  if (rows.length === 0) return null;
  const startMs = Date.parse(`${day}T00:00:00+08:00`);
  const head = (title: string): string[] => [
    `#支付宝${title}查询`,
    `#账号：[${sellerId}0156]`,
    `#起始日期：[${chineseDay(startMs)}]   终止日期：[${chineseDay(startMs + 86_400_000)}]`,
  ];
  const ofType = (type: Row['type']): Row[] => rows.filter((row) => row.type === type);
  const fenOf = (type: Row['type']): string => writeYuan(sum(ofType(type).map(({ fen }) => fen)));
  const [paid, back] = [ofType('交易').length, ofType('退款').length];
  const made = `#导出时间：[${chineseDay(startMs + 86_400_000)}]`;
  const detail = [
    ...head('业务明细'),
    '#-----------------------------------------业务明细列表----------------------------------------',
    columns.join(','),
    ...rows.map(lineOf),
    '#-----------------------------------------业务明细列表结束------------------------------------',
    `#交易合计：${paid}笔，商家实收共${fenOf('交易')}元，商家优惠共0.00元`,
    `#退款合计：${back}笔，商家实收退款共${fenOf('退款')}元，商家优惠退款共0.00元`,
    made,
  ];
  const summary = [
    ...head('业务汇总'),
    '#-----------------------------------------业务汇总列表----------------------------------------',
    '门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,服务费（元）,实收净额（元）',
    `合计,,${paid},${back},${fenOf('交易')},${fenOf('交易')},${writeYuan(sum(rows.map(({ feeFen }) => feeFen)))},`,
    '#----------------------------------------业务汇总列表结束-------------------------------------',
    made,
  ];
  const name = `${sellerId}0156_${day.replaceAll('-', '')}_业务明细`;
  const fileOf = (tail: string, lines: readonly string[]) => ({
    name: encodeGbk(`${name}${tail}.csv`),
    content: encodeGbk(`${lines.join('\r\n')}\r\n`),
  });
  return zip([fileOf('', detail), fileOf('(汇总)', summary)]);
}
