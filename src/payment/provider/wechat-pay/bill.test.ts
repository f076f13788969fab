import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProviderError } from '../provider.ts';
import { readBill, readBillAddress } from './bill.ts';

const columns =
  '交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注';
const paid =
  '`2026-11-02 16:33:45,`wx01,`1900009191,`0,`,`420001,`ORDER01,`o1,`MWEB,`SUCCESS,`OTHERS,`CNY,`200.00,`0.00,`0,`0,`0.00,`0.00,`,`,`92#, 1号枪,`,`1.20000,`0.60%,`200.00,`0.00,`';
const back =
  '`2026-11-02 17:00:00,`wx01,`1900009191,`0,`,`420001,`ORDER01,`o1,`MWEB,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`50300,`RORDER01_staff,`0.29,`0.00,`ORIGINAL,`SUCCESS,`92#,`,`-0.01000,`0.60%,`0.00,`0.29,`';
const summaryColumns = '总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额';
const summary = '`2,`200.00,`0.29,`0.00,`1.19000,`200.00,`0.29';
const file = (...lines: string[]): Buffer => Buffer.from(`\uFEFF${lines.join('\r\n')}\r\n`);

const kindOf = (bytes: Buffer): string => {
  try {
    return `${[...readBill(bytes, '1900009191')].length} rows`;
  } catch (error) {
    assert.ok(error instanceof ProviderError);
    return error.kind;
  }
};

test('a bill in yuan becomes rows in fen, with the time of Beijing and a comma in the goods', () => {
  const rows = [...readBill(file(columns, paid, back, summaryColumns, summary), '1900009191')];
  const at = (text: string): number => Date.parse(text);
  assert.deepEqual(rows, [
    {
      kind: 'payment',
      attemptRef: 'ORDER01',
      providerPaymentId: '420001',
      feeMinor: 120,
      at: at('2026-11-02T08:33:45Z'),
      amount: { minor: 20000, currency: 'CNY' },
    },
    {
      kind: 'refund',
      attemptRef: 'ORDER01',
      providerPaymentId: '420001',
      refundRef: 'RORDER01_staff',
      refundState: 'succeeded',
      feeMinor: -1,
      at: at('2026-11-02T09:00:00Z'),
      amount: { minor: 29, currency: 'CNY' },
    },
  ]);
});

test('a refund that was under way when the bill was made is not taken for done, and one that failed is told as such', () => {
  const stateOf = (word: string) =>
    [
      ...readBill(
        file(columns, paid, back.replace('ORIGINAL,`SUCCESS', `ORIGINAL,\`${word}`), summaryColumns, summary),
        '1900009191',
      ),
    ][1]?.refundState;
  assert.deepEqual(['SUCCESS', 'PROCESSING', 'FAIL'].map(stateOf), ['succeeded', 'processing', 'abnormal']);
});

test('a payment that was taken back leaves the account and is neither payment nor refund', () => {
  const [, row] = readBill(
    file(columns, paid, back.replace('`REFUND', '`REVOKED'), summaryColumns, summary),
    '1900009191',
  );
  assert.deepEqual([row?.kind, row?.amount.minor, row?.description], ['other', -29, 'REVOKED']);
});

test('a bill that lost a row, its summary or an amount is refused whole or in part, never taken as complete', () => {
  assert.equal(kindOf(file(columns, paid, summaryColumns, summary)), 'unknown');
  assert.equal(kindOf(file(columns, paid, back)), 'unknown');
  assert.equal(kindOf(file(columns, paid.replaceAll('200.00', 'x'), back, summaryColumns, summary)), 'unknown');
  assert.equal(kindOf(file(columns.replace('交易状态', '状态'), paid, back, summaryColumns, summary)), 'unknown');
  assert.equal(kindOf(Buffer.from('')), 'unknown');
});

test('a bill of another merchant is an integrity error', () => {
  assert.equal(
    kindOf(file(columns, paid.replace('1900009191', '1900000000'), back, summaryColumns, summary)),
    'integrity',
  );
});

test('of the address of a bill only path and query are taken, so that our signature goes to no other host', () => {
  const body = {
    hash_type: 'SHA1',
    hash_value: 'A'.repeat(40),
    download_url: 'https://elsewhere.example/v3/billdownload/file?token=1',
  };
  assert.deepEqual(readBillAddress(body), { sha1: 'a'.repeat(40), target: '/v3/billdownload/file?token=1' });
  assert.equal(readBillAddress({ ...body, hash_type: 'MD5' }), null);
});
