import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zipSync } from 'fflate';
import { ProviderError } from '../provider.ts';
import { readBill, readBillAddress } from './bill.ts';
import { openBillArchive } from './bill-archive.ts';

const sellerId = '2088531891668739';
const columns =
  '支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注';
const row = (type: string, amount: string, refundRef: string, fee: string, at = '2026-11-02 16:33:45'): string =>
  `2026110222001\t,ORDER01\t,${type}\t,92# 1号枪,2026-11-02 16:33:40,${at},,,,,xud***@126.com,${amount},${amount},0.00,0.00,0.00,0.00,0.00,,0.00,0.00,${refundRef}\t,${fee},0.00,\t`;
const paid = row('交易', '200.00', '', '-1.20');
const back = row('退款', '-0.29', 'RORDER01_staff', '0.01', '2026-11-02 17:00:00');
const head = [
  '#支付宝业务明细查询',
  `#账号：[${sellerId}0156]`,
  '#起始日期：[2026年11月02日 00:00:00]   终止日期：[2026年11月03日 00:00:00]',
  '#-----------------------------------------业务明细列表----------------------------------------',
  columns,
];
const end = '#-----------------------------------------业务明细列表结束------------------------------------';
const sums = [
  '#交易合计：1笔，商家实收共200.00元，商家优惠共0.00元',
  '#退款合计：1笔，商家实收退款共-0.29元，商家优惠退款共0.00元',
];
const whole = [...head, paid, back, end, ...sums, '#导出时间：[2026年11月03日 06:27:10]'];
const textOf = (lines: readonly string[]): string => `${lines.join('\r\n')}\r\n`;

const outcomeOf = (read: () => unknown): string => {
  try {
    read();
    return 'read';
  } catch (error) {
    assert.ok(error instanceof ProviderError, String(error));
    return `${error.kind}: ${error.message}`;
  }
};
const readAll = (lines: readonly string[]): string =>
  outcomeOf(() => [...readBill(textOf(lines), { sellerId, date: '2026-11-02' })]);

test('a bill in yuan becomes rows in fen: payment, refund, fee and fee given back, and what is neither', () => {
  const other = row('其他', '-3.00', '', '0.00');
  const rows = [...readBill(textOf([...head, paid, back, other, end, ...sums]), { sellerId, date: '2026-11-02' })];
  const shared = { attemptRef: 'ORDER01', providerPaymentId: '2026110222001' };
  assert.deepEqual(rows, [
    {
      ...shared,
      kind: 'payment',
      at: Date.parse('2026-11-02T08:33:45Z'),
      amount: { minor: 20_000, currency: 'CNY' },
      feeMinor: 120,
    },
    {
      ...shared,
      kind: 'refund',
      refundRef: 'RORDER01_staff',
      at: Date.parse('2026-11-02T09:00:00Z'),
      amount: { minor: 29, currency: 'CNY' },
      feeMinor: -1,
    },
    {
      ...shared,
      kind: 'other',
      at: Date.parse('2026-11-02T08:33:45Z'),
      amount: { minor: -300, currency: 'CNY' },
      description: '其他',
    },
  ]);
});

test('a day without a row is a whole bill, and one that lost anything is not', () => {
  const none = ['#交易合计：0笔，商家实收共0.00元', '#退款合计：0笔，商家实收退款共0.00元'];
  assert.equal(readAll([...head, end, ...none]), 'read');
  assert.equal(readAll(whole), 'read');
  for (let length = 0; length < whole.length - 2; length += 1)
    assert.match(readAll(whole.slice(0, length)), /^unknown/);
  for (const lost of [1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert.match(readAll(whole.toSpliced(lost, 1)), /^unknown: Alipay's bill cannot be read/, `line ${lost}`);
  assert.match(readAll(whole.with(5, paid.slice(0, 60))), /a row has \d+ fields and not 25/);
  assert.match(readAll(whole.with(5, paid.replaceAll('200.00', '2OO'))), /2OO is no amount in yuan/);
  assert.match(readAll(whole.with(5, paid.replace('2026-11-02 16:33:45', 'today'))), /today is no time/);
  assert.match(readAll(whole.with(4, columns.replace('服务费（元）', '手续费'))), /its rows have no 服务费/);
  assert.match(
    readAll(whole.with(8, '#交易合计：2笔，商家实收共400.00元')),
    /it has 1 rows of 交易 and says #交易合计：2笔/,
  );
});

test('a bill of another merchant is an integrity error, and one of another day cannot be read', () => {
  const other = whole.with(1, '#账号：[20880000000000000156]');
  assert.equal(readAll(other), `integrity: the bill asked for by ${sellerId} is one of account 20880000000000000156`);
  assert.match(readAll(whole.with(2, '#起始日期：[2026年11月01日 00:00:00]')), /of 2026-11-01 and not of 2026-11-02/);
});

/** 业务明细 in GBK, as the archive's names stand: one character a byte. */
const gbkName = (tail: string): string =>
  `20885318916687390156_20261102_${String.fromCharCode(0xd2, 0xb5, 0xce, 0xf1, 0xc3, 0xf7, 0xcf, 0xb8)}${tail}.csv`;
const gbkSums = String.fromCharCode(0x28, 0xbb, 0xe3, 0xd7, 0xdc, 0x29);
const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

test('the rows are taken from the archive by their GBK name and read as GBK, and not the sums beside them', () => {
  // 油 is D3 CD in GBK.
  const archive = zipSync({ [gbkName(gbkSums)]: latin1('sums'), [gbkName('')]: Uint8Array.of(0xd3, 0xcd, 0x0a) });
  assert.equal(openBillArchive(archive), '油\n');
  const utf8Name = zipSync({ '20261102_业务明细.csv': Uint8Array.of(0xd3, 0xcd) });
  assert.equal(openBillArchive(utf8Name), '油');
});

test('an archive that is cut off anywhere, damaged, empty of rows or not in GBK is refused in a clear sentence', () => {
  const archive = zipSync({ [gbkName('')]: latin1('#'.repeat(2000)) });
  for (let length = 0; length < archive.length; length += 7) {
    assert.match(
      outcomeOf(() => openBillArchive(archive.subarray(0, length))),
      /^unknown: Alipay's bill cannot be read: its ZIP archive is cut off or damaged/,
    );
  }
  assert.match(
    outcomeOf(() => openBillArchive(latin1('<html>502</html>'))),
    /cut off or damaged/,
  );
  assert.match(
    outcomeOf(() => openBillArchive(zipSync({ 'a.csv': latin1('x') }))),
    /holds no 业务明细/,
  );
  assert.match(
    outcomeOf(() => openBillArchive(zipSync({ [gbkName('')]: Uint8Array.of(0xff, 0xff) }))),
    /is not GBK/,
  );
});

test('a bill is fetched over TLS, whatever its address says, but from this machine itself', () => {
  const addressOf = (url: string) => readBillAddress({ bill_download_url: url });
  assert.equal(
    addressOf('http://dwbillcenter.alipay.com/downloadBillFile.resource?bizType=trade'),
    'https://dwbillcenter.alipay.com/downloadBillFile.resource?bizType=trade',
  );
  assert.equal(addressOf('http://127.0.0.1:9/bill?a=1'), 'http://127.0.0.1:9/bill?a=1');
  assert.equal(addressOf('file:///etc/passwd'), null);
  assert.equal(readBillAddress({}), null);
});
