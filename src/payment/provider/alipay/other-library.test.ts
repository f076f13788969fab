import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { AlipaySdk } from 'alipay-sdk';
import { readText } from '../../../simulator/service/http-body.ts';
import { signerOf } from './answer-signature.ts';
import { readAlipayKeys } from './keys.ts';
import { readNotification } from './notification.ts';
import { publishedNotification } from './published-vectors.ts';
import { requestMessage } from './request-signature.ts';
import {
  clientWithAnswers,
  signedAnswer,
  signedForm,
  trialApp,
  trialKeys,
  trialNotice,
  trialNowMs,
  trialOptions,
  trialOrder,
  trialRef,
} from './testing/trial-alipay.ts';

/** Alipay's own SDK judges our client without our simulator: it checks what we sign, and signs what we must read. */
const sdkWith = (privateKey: string, alipayPublicKey: string, endpoint = 'https://openapi.alipay.com'): AlipaySdk =>
  new AlipaySdk({
    appId: trialApp.appId,
    privateKey,
    keyType: 'PKCS8',
    alipayPublicKey,
    endpoint,
    gateway: `${endpoint}/gateway.do`,
  });

/** Believes what our app signs. */
const judge = sdkWith(trialKeys.appPrivateKey, trialKeys.appPublicKey);
const fieldsOf = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text));

/** What an `Authorization` header says and signs. */
function readAuthorization(header: string): { readonly text: string; readonly sign: string } {
  const match = /^ALIPAY-SHA256withRSA (app_id=\d+,nonce=[0-9a-f-]{32,36},timestamp=\d{13}),sign=(\S+)$/.exec(header);
  return { text: match?.[1] ?? '', sign: match?.[2] ?? '' };
}

test("Alipay's SDK finds our request well signed, and we believe its kind of answer", async () => {
  const answer = { out_trade_no: trialRef, qr_code: 'https://qr.alipay.com/bavh4wjlxf12tper3a' };
  const { client, sent } = clientWithAnswers(signedAnswer(answer));
  const created = await client.create(trialOrder, trialOptions);
  assert.deepEqual(created, {
    providerRef: null,
    next: { kind: 'qr', payload: answer.qr_code },
    nextExpiresAt: trialOrder.expiresAt,
  });
  const [{ url, init } = { url: '', init: {} }] = sent;
  assert.equal(url, 'https://openapi.alipay.com/v3/alipay/trade/precreate');
  const body = typeof init.body === 'string' ? init.body : '';
  const { text, sign } = readAuthorization(new Headers(init.headers).get('authorization') ?? '');
  assert.match(text, new RegExp(`^app_id=${trialApp.appId},nonce=[0-9a-f]{32},timestamp=${trialNowMs}$`));
  assert.equal(judge.rsaCheck(`${text}\nPOST\n/v3/alipay/trade/precreate\n${body}\n`, sign), true);
  assert.deepEqual(JSON.parse(body), {
    out_trade_no: trialRef,
    total_amount: '200.00',
    subject: '92# 1号枪',
    time_expire: '2026-11-02 12:15:00',
    notify_url: trialOrder.notifyUrl,
  });
});

test('what the SDK sends is signed as we understand it', async () => {
  const requests: {
    readonly method: string;
    readonly target: string;
    readonly body: string;
    readonly header: string;
  }[] = [];
  const keep = async ({ method = '', url: target = '', headers }: IncomingMessage, body: Promise<string | null>) => {
    requests.push({ method, target, body: (await body) ?? '', header: headers.authorization ?? '' });
  };
  const server = createServer((request, response) => {
    void keep(request, readText(request)).then(() =>
      response.writeHead(400).end('{"code":"ACQ.TRADE_NOT_EXIST","message":""}'),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const sdk = sdkWith(trialKeys.appPrivateKey, trialKeys.alipayPublicKey, origin);
  await assert.rejects(sdk.curl('POST', '/v3/alipay/trade/query', { body: { out_trade_no: trialRef } }));
  const query = { bill_type: 'trade', bill_date: '2026-11-02' };
  await assert.rejects(sdk.curl('GET', '/v3/alipay/data/dataservice/bill/downloadurl/query', { query }));
  server.close();
  server.closeAllConnections();
  const appKeys = readAlipayKeys(trialKeys.appPublicKey);
  assert.equal(requests.length, 2);
  for (const { method, target, body, header } of requests) {
    const { text, sign } = readAuthorization(header);
    const message = requestMessage(text, { method: method === 'GET' ? 'GET' : 'POST', target, body });
    assert.notEqual(signerOf(appKeys, message, sign), null, target);
  }
});

test('our page address says what the SDK would say, is well signed in its eyes, and in Beijing’s time', async () => {
  const { client, sent } = clientWithAnswers();
  const created = await client.create({ ...trialOrder, surface: 'alipay.wap' }, trialOptions);
  assert.deepEqual(sent, []);
  assert.equal(created.next.kind, 'redirect');
  if (created.next.kind !== 'redirect') return;
  const url = new URL(created.next.url);
  assert.equal(url.origin + url.pathname, 'https://openapi.alipay.com/gateway.do');
  const ours = fieldsOf(url.search);
  assert.equal(judge.checkNotifySignV2(ours), true);
  assert.equal(judge.checkNotifySignV2({ ...ours, return_url: 'https://elsewhere.example/' }), false);
  const order = {
    out_trade_no: trialRef,
    total_amount: '200.00',
    subject: '92# 1号枪',
    time_expire: '2026-11-02 12:15:00',
    product_code: 'QUICK_WAP_WAY',
    quit_url: trialOrder.returnUrl,
  };
  const theirs = fieldsOf(
    new URL(
      judge.pageExecute('alipay.trade.wap.pay', 'GET', {
        timestamp: '2026-11-02 12:00:00',
        notify_url: trialOrder.notifyUrl,
        return_url: trialOrder.returnUrl,
        bizContent: order,
      }),
    ).search,
  );
  const { sign: _ours, format: _format, biz_content: ourOrder = '', ...rest } = ours;
  const { sign: _theirs, alipay_sdk: _sdk, biz_content: theirOrder = '', ...sdkRest } = theirs;
  assert.deepEqual(rest, sdkRest);
  assert.deepEqual(JSON.parse(ourOrder), JSON.parse(theirOrder));
});

test('the SDK believes the notification that we believe, published and made here, and we believe one that it signed', () => {
  const sdk = sdkWith(trialKeys.alipayPrivateKey, trialKeys.alipayPublicKey);
  const form = signedForm(trialNotice);
  assert.equal(sdk.checkNotifySignV2(fieldsOf(Buffer.from(form.rawBody).toString())), true);
  const published = sdkWith(trialKeys.appPrivateKey, publishedNotification.publicKey);
  assert.equal(published.checkNotifySignV2({ ...publishedNotification.parameters }), true);
  assert.equal(published.checkNotifySignV2({ ...publishedNotification.parameters, total_amount: '0.11' }), false);
  const signedBySdk = sdk.sdkExecute('alipay.trade.notify', { ...trialNotice });
  const result = readNotification(
    { alipayKeys: readAlipayKeys(trialKeys.alipayPublicKey), liveMode: true },
    {
      rawBody: Buffer.from(signedBySdk),
      headers: {},
      receivedAt: trialNowMs,
    },
  );
  assert.deepEqual(result.kind === 'payment' ? [result.fact.state, result.fact.amount?.minor] : result, [
    'paid',
    20_000,
  ]);
});
