import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { unzipSync } from 'fflate';
import { AlipaySdk } from 'alipay-sdk';
import { z } from 'zod';
import { beijingDay, beijingPlain } from '../service/beijing.ts';
import { readText } from '../service/http-body.ts';
import { type AlipaySimulator, startAlipaySimulator } from './simulator.ts';

/**
 * `alipay-sdk` was written by Alipay. It signs and verifies here against the simulator, over both versions of the API, so that our client and our
 * simulator cannot agree on a misreading.
 */
const sdkOf = ({ credentials, url }: AlipaySimulator): AlipaySdk =>
  new AlipaySdk({
    appId: credentials.appId,
    privateKey: credentials.appPrivateKey,
    keyType: 'PKCS8',
    alipayPublicKey: credentials.alipayPublicKeys,
    endpoint: url,
    gateway: `${url}/gateway.do`,
    camelcase: false,
  });

type Shop = {
  readonly simulator: AlipaySimulator;
  readonly sdk: AlipaySdk;
  readonly notifyUrl: string;
  readonly heard: Record<string, string>[];
};

/** The SDK takes the machine's own clock, so the simulator does too. */
async function openShop(context: TestContext): Promise<Shop> {
  const heard: Shop['heard'] = [];
  const inbox = createServer((request, response) => void receive(request, response));
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    heard.push(Object.fromEntries(new URLSearchParams((await readText(request)) ?? '')));
    response.end('success');
  }
  await new Promise<void>((resolve) => inbox.listen(0, '127.0.0.1', resolve));
  const address = inbox.address();
  const notifyUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/notify`;
  const simulator = await startAlipaySimulator({ billsAtOnce: true });
  context.after(async () => {
    await simulator.close();
    inbox.closeAllConnections();
    await new Promise<void>((resolve) => inbox.close(() => resolve()));
  });
  return { simulator, sdk: sdkOf(simulator), notifyUrl, heard };
}

const orderOf = (outTradeNo: string) => ({ out_trade_no: outTradeNo, total_amount: '300.00', subject: '92# 汽油' });

/** Whatever way the SDK says no, its code. */
async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return z.object({ code: z.string() }).parse(error).code;
  }
  throw new assert.AssertionError({ message: 'the call succeeded' });
}

test('over version 3 the SDK orders, queries, closes, cancels and refunds, and believes each answer', async (context) => {
  const { simulator, sdk, notifyUrl, heard } = await openShop(context);
  const call = (name: string, body: Record<string, unknown>) =>
    sdk.curl<unknown>('POST', `/v3/alipay/trade/${name}`, { body }).then(({ data }) => data);
  const named = { out_trade_no: 'CODE1' };
  const placed = await call('precreate', { ...orderOf('CODE1'), notify_url: notifyUrl });
  assert.partialDeepStrictEqual(placed, named);
  assert.match(JSON.stringify(placed), /"qr_code":"http/);
  assert.equal(await codeOf(call('query', named)), 'ACQ.TRADE_NOT_EXIST');
  assert.equal(await codeOf(call('close', named)), 'ACQ.TRADE_NOT_EXIST');
  assert.deepEqual(await call('cancel', named), { ...named, retry_flag: 'N' });
  assert.equal(simulator.control.scan('CODE1'), true);
  assert.partialDeepStrictEqual(await call('query', named), { trade_status: 'WAIT_BUYER_PAY', total_amount: '300.00' });
  assert.equal(simulator.control.pay('CODE1').kind, 'paid');
  assert.partialDeepStrictEqual(await call('query', named), { ...named, trade_status: 'TRADE_SUCCESS' });
  assert.equal(await codeOf(call('close', named)), 'ACQ.TRADE_STATUS_ERROR');
  assert.equal(await codeOf(call('precreate', { ...orderOf('CODE1') })), 'ACQ.TRADE_HAS_SUCCESS');

  const part = { ...named, refund_amount: '100.00', out_request_no: 'R1' };
  assert.deepEqual(await call('fastpay/refund/query', { ...named, out_request_no: 'R1' }), {});
  assert.partialDeepStrictEqual(await call('refund', part), { fund_change: 'Y', refund_fee: '100.00' });
  assert.partialDeepStrictEqual(await call('refund', part), { fund_change: 'N', refund_fee: '100.00' });
  assert.partialDeepStrictEqual(await call('fastpay/refund/query', { ...named, out_request_no: 'R1' }), {
    refund_status: 'REFUND_SUCCESS',
    refund_amount: '100.00',
    total_amount: '300.00',
  });
  assert.equal(await codeOf(call('refund', { ...part, refund_amount: '1.00' })), 'ACQ.DISCORDANT_REPEAT_REQUEST');
  const rest = { ...named, refund_amount: '200.01', out_request_no: 'R2' };
  assert.equal(await codeOf(call('refund', rest)), 'ACQ.REASON_TRADE_REFUND_FEE_ERR');
  assert.equal(await codeOf(call('refund', { ...named, refund_amount: '1.00' })), 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL');
  assert.partialDeepStrictEqual(await call('cancel', named), { action: 'refund', retry_flag: 'N' });
  const undone = await call('query', named);
  assert.partialDeepStrictEqual(undone, { trade_status: 'TRADE_CLOSED' });
  assert.match(JSON.stringify(undone), /"send_pay_date"/);

  await call('precreate', orderOf('CODE2'));
  simulator.control.scan('CODE2');
  assert.partialDeepStrictEqual(await call('close', { out_trade_no: 'CODE2' }), { out_trade_no: 'CODE2' });
  assert.equal(await codeOf(call('precreate', orderOf('CODE2'))), 'ACQ.TRADE_HAS_CLOSE');

  await simulator.control.settled();
  assert.deepEqual(
    heard.map((form) => [form['trade_status'], form['refund_fee'], form['out_biz_no'], sdk.checkNotifySignV2(form)]),
    [
      ['TRADE_SUCCESS', undefined, undefined, true],
      ['TRADE_SUCCESS', '100.00', 'R1', true],
    ],
  );
});

test("over version 2 the SDK's exec is answered, and every answer is signed", async (context) => {
  const { simulator, sdk } = await openShop(context);
  const exec = (name: string, content: Record<string, unknown>) =>
    sdk.exec(
      `alipay.trade.${name}`,
      { bizContent: content, timestamp: beijingPlain(Date.now()) },
      { validateSign: true },
    );
  const named = { out_trade_no: 'V2' };
  assert.partialDeepStrictEqual(await exec('precreate', orderOf('V2')), { code: '10000', ...named });
  assert.partialDeepStrictEqual(await exec('query', named), { code: '40004', sub_code: 'ACQ.TRADE_NOT_EXIST' });
  simulator.control.pay('V2');
  assert.partialDeepStrictEqual(await exec('query', named), { code: '10000', trade_status: 'TRADE_SUCCESS' });
  const back = { ...named, refund_amount: '300.00', out_request_no: 'R1' };
  assert.partialDeepStrictEqual(await exec('refund', back), { code: '10000', fund_change: 'Y' });
  const asked = await exec('fastpay.refund.query', { ...named, out_request_no: 'R1' });
  assert.partialDeepStrictEqual(asked, { code: '10000', refund_status: 'REFUND_SUCCESS' });
  assert.partialDeepStrictEqual(await exec('close', named), { code: '40004', sub_code: 'ACQ.TRADE_STATUS_ERROR' });
  simulator.control.addFault({ operation: 'query', kind: 'code_20000' });
  assert.partialDeepStrictEqual(await exec('query', named), { code: '20000', sub_code: 'isp.unknow-error' });
  simulator.control.addFault({ operation: 'query', kind: 'wrong_signature' });
  await assert.rejects(exec('query', named), /验签失败/);
  const late = sdk.exec('alipay.trade.query', { bizContent: named, timestamp: '2026-01-01 00:00:00' });
  assert.partialDeepStrictEqual(await late, { code: '40002', sub_code: 'isv.invalid-timestamp' });
});

test("the SDK's page address leads to the cashier, and is refused where one parameter was changed", async (context) => {
  const { simulator, sdk, notifyUrl } = await openShop(context);
  const address = sdk.pageExecute('alipay.trade.wap.pay', 'GET', {
    timestamp: beijingPlain(Date.now()),
    notify_url: notifyUrl,
    return_url: 'http://127.0.0.1:9/back',
    bizContent: { ...orderOf('WAP1'), product_code: 'QUICK_WAP_WAY' },
  });
  const page = await fetch(address);
  assert.deepEqual([page.status, new URL(page.url).pathname], [200, '/cashier/pay']);
  assert.match(await page.text(), /¥300\.00/);
  assert.equal(simulator.control.payment('WAP1')?.trade, null);
  const other = await fetch(address.replace('300.00', '1.00'));
  assert.equal(other.status, 400);
  assert.match(await other.text(), /invalid-signature/);
});

test('a caller with another key, another app or a wrong clock is refused, and nothing is done', async (context) => {
  const { simulator, sdk } = await openShop(context);
  const stranger = await startAlipaySimulator();
  context.after(() => stranger.close());
  const { appPrivateKey } = stranger.credentials;
  const wrong = [
    sdkOf({ ...simulator, credentials: { ...simulator.credentials, appPrivateKey } }),
    sdkOf({ ...simulator, credentials: { ...simulator.credentials, appId: '2021000000000000' } }),
  ];
  const codes = await Promise.all(
    wrong.map((one) => codeOf(one.curl('POST', '/v3/alipay/trade/precreate', { body: orderOf('X') }))),
  );
  assert.deepEqual(codes, ['invalid-signature', 'invalid-app-id']);
  assert.deepEqual(simulator.control.payments(), []);
  simulator.control.addFault({ operation: 'create', kind: 'wrong_signature' });
  const body = orderOf('X');
  const unproven = codeOf(sdk.curl('POST', '/v3/alipay/trade/precreate', { body }));
  assert.equal(await unproven, 'response-signature-verify-error');
});

test('the SDK is given the address of a bill, which is a zipped CSV in GBK', async (context) => {
  const { simulator, sdk } = await openShop(context);
  await sdk.curl('POST', '/v3/alipay/trade/precreate', { body: orderOf('BILL1') });
  simulator.control.pay('BILL1');
  const { data } = await sdk.curl<unknown>('GET', '/v3/alipay/data/dataservice/bill/downloadurl/query', {
    query: { bill_type: 'trade', bill_date: beijingDay(Date.now()) },
  });
  const { bill_download_url: address } = z.object({ bill_download_url: z.url() }).parse(data);
  const archive = await (await fetch(address)).arrayBuffer();
  const texts = Object.values(unzipSync(new Uint8Array(archive))).map((file) => new TextDecoder('gbk').decode(file));
  assert.equal(texts.length, 2);
  assert.match(texts[0] ?? '', /BILL1\t,交易\s+,92# 汽油/);
  assert.match(texts[1] ?? '', /业务汇总/);
});
