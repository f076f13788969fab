import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { test } from 'node:test';
import { z } from 'zod';
import { Aes, Formatter, Rsa, Wechatpay } from 'wechatpay-axios-plugin';
import { readText } from '../service/http-body.ts';
import { startWechatPaySimulator, type WechatPaySimulator } from './simulator.ts';

/**
 * `wechatpay-axios-plugin` was written by others from WeChat Pay's own documents. It signs, verifies and decrypts here against the simulator, so
 * that our client and our simulator cannot agree on a misreading.
 */
const clientOf = (simulator: WechatPaySimulator, wish?: string): Wechatpay => {
  const { merchantId, merchantSerial, merchantPrivateKey, platformKeys } = simulator.credentials;
  return new Wechatpay({
    mchid: merchantId,
    serial: merchantSerial,
    privateKey: merchantPrivateKey,
    certs: { ...platformKeys },
    baseURL: simulator.url,
    ...(wish === undefined ? {} : { headers: { 'Wechatpay-Serial': wish } }),
  });
};

const orderOf = (simulator: WechatPaySimulator, notifyUrl: string, outTradeNo: string) => ({
  mchid: simulator.credentials.merchantId,
  appid: simulator.credentials.appId,
  description: '92# 汽油',
  out_trade_no: outTradeNo,
  notify_url: notifyUrl,
  amount: { total: 30_000, currency: 'CNY' },
});

const envelope = z.object({
  event_type: z.string(),
  resource: z.object({ ciphertext: z.string(), nonce: z.string(), associated_data: z.string() }),
});
const opening = z.object({
  out_trade_no: z.string(),
  trade_state: z.string().optional(),
  refund_status: z.string().optional(),
});

type Heard = { readonly body: string; readonly headers: Record<string, string> };

test('another client orders, queries, closes and refunds at the simulator, and believes its answers and notifications', async (context) => {
  const heard: Heard[] = [];
  const inbox = createServer((request, response) => void receive(request, response));
  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    heard.push({ body: (await readText(request)) ?? '', headers });
    response.writeHead(204).end();
  }
  await new Promise<void>((resolve) => inbox.listen(0, '127.0.0.1', resolve));
  const address = inbox.address();
  const notifyUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/notify`;
  const simulator = await startWechatPaySimulator({ timeScale: 1_000 });
  context.after(async () => {
    await simulator.close();
    inbox.closeAllConnections();
    await new Promise<void>((resolve) => inbox.close(() => resolve()));
  });
  const { merchantId: mchid, platformKeys, apiV3Key } = simulator.credentials;

  // Public-key mode by the header, then certificate mode by the default.
  for (const [wish, outTradeNo] of [
    [simulator.credentials.preferredSerial, 'PUBKEY1'],
    [undefined, 'CERTMODE'],
  ] as const) {
    const client = clientOf(simulator, wish);
    const native = client.chain('v3/pay/transactions/native');
    const order = client.chain('v3/pay/transactions/out-trade-no/{out_trade_no}');
    const close = client.chain('v3/pay/transactions/out-trade-no/{out_trade_no}/close');
    const ask = { params: { mchid }, out_trade_no: outTradeNo };

    const placed = await native.post<unknown>(orderOf(simulator, notifyUrl, outTradeNo));
    assert.match(JSON.stringify(placed.data), /"code_url":"weixin:\/\/wxpay\/bizpayurl\?pr=/);
    assert.equal(String(placed.headers['wechatpay-serial']).startsWith('PUB_KEY_ID_'), wish !== undefined);
    assert.partialDeepStrictEqual((await order.get<unknown>(ask)).data, { trade_state: 'NOTPAY' });

    simulator.control.pay(outTradeNo);
    const paid = await order.get<unknown>(ask);
    assert.partialDeepStrictEqual(paid.data, { trade_state: 'SUCCESS', amount: { total: 30_000 } });
    await assert.rejects(close.post<unknown>({ mchid }, { out_trade_no: outTradeNo }), /400/);

    const amount = { refund: 30_000, total: 30_000, currency: 'CNY' };
    const refund = { out_trade_no: outTradeNo, out_refund_no: `R${outTradeNo}`, amount, notify_url: notifyUrl };
    const refunded = await client.chain('v3/refund/domestic/refunds').post<unknown>(refund);
    assert.partialDeepStrictEqual(refunded.data, { status: 'PROCESSING' });
    simulator.control.endRefund(`R${outTradeNo}`, 'SUCCESS');
    const oneRefund = client.chain('v3/refund/domestic/refunds/{out_refund_no}');
    const found = await oneRefund.get<unknown>({ out_refund_no: `R${outTradeNo}` });
    assert.partialDeepStrictEqual(found.data, { status: 'SUCCESS' });
    await simulator.control.settled();

    const unpaid = `${outTradeNo}X`;
    await native.post<unknown>(orderOf(simulator, notifyUrl, unpaid));
    assert.equal((await close.post<unknown>({ mchid }, { out_trade_no: unpaid })).status, 204);
  }

  const opened = heard.map(({ body, headers }) => {
    const text = Formatter.response(headers['wechatpay-timestamp'] ?? '', headers['wechatpay-nonce'] ?? '', body);
    const key = platformKeys[headers['wechatpay-serial'] ?? ''] ?? '';
    assert.equal(Rsa.verify(text, headers['wechatpay-signature'] ?? '', Rsa.from(key, Rsa.KEY_TYPE_PUBLIC)), true);
    const { event_type: type, resource } = envelope.parse(JSON.parse(body));
    const plainText = Aes.AesGcm.decrypt(resource.ciphertext, apiV3Key, resource.nonce, resource.associated_data);
    const plain = opening.parse(JSON.parse(plainText));
    return [type, plain.out_trade_no, plain.trade_state ?? plain.refund_status];
  });
  assert.deepEqual(opened, [
    ['TRANSACTION.SUCCESS', 'PUBKEY1', 'SUCCESS'],
    ['REFUND.SUCCESS', 'PUBKEY1', 'SUCCESS'],
    ['TRANSACTION.SUCCESS', 'CERTMODE', 'SUCCESS'],
    ['REFUND.SUCCESS', 'CERTMODE', 'SUCCESS'],
  ]);
});

test("another client refuses the simulator's answer when it is unsigned, wrongly signed or from another time", async (context) => {
  const simulator = await startWechatPaySimulator();
  context.after(() => simulator.close());
  const native = clientOf(simulator).chain('v3/pay/transactions/native');
  const troubles = [
    ['unsigned', 0],
    ['wrong_signature', 0],
    ['unknown_serial', 0],
    ['clock_skew', -400_000],
  ] as const;
  for (const [kind, ms] of troubles) {
    simulator.control.addFault({ operation: 'create', kind, ms });
    const order = orderOf(simulator, 'https://pay.example.com/notify', 'TROUBLE1');
    await assert.rejects(native.post<unknown>(order), /EV3_RES|offset|Verify|Cannot found|incomplete/);
  }
});
