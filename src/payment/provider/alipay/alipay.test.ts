import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRefundRef } from '../../../base/ids.ts';
import { ProviderError, type RefundFact } from '../provider.ts';
import { readAlipayKeys } from './keys.ts';
import { alipayService } from './service.ts';
import {
  clientWith,
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

const trade = {
  out_trade_no: trialRef,
  trade_no: '2026110222001468450512505578',
  trade_status: 'TRADE_SUCCESS',
  total_amount: '200.00',
  send_pay_date: '2026-11-02 11:59:58',
  buyer_user_id: '2088102534368455',
  buyer_logon_id: 'xud***@126.com',
};
const notFound = { code: 'ACQ.TRADE_NOT_EXIST', message: '交易不存在', links: [] };
const refundRef = `R${trialRef}_staff`;
const refund = {
  refundRef,
  attemptRef: trialRef,
  amount: { minor: 29, currency: 'CNY' },
  paidTotal: { minor: 20_000, currency: 'CNY' },
  reason: 'staff',
} as const;

async function errorOf(call: Promise<unknown>): Promise<ProviderError> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof ProviderError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: 'the call succeeded' });
}

const queryWith = (answer: Response | Error) =>
  clientWithAnswers(answer).client.query({ attemptRef: trialRef }, trialOptions);

test('a paid trade is told with money, our merchant and app, and nothing of the payer', async () => {
  const fact = await queryWith(signedAnswer(trade));
  const { evidence, ...rest } = fact;
  assert.deepEqual(rest, {
    source: 'query',
    attemptRef: trialRef,
    state: 'paid',
    providerPaymentId: trade.trade_no,
    amount: { minor: 20_000, currency: 'CNY' },
    merchantId: trialApp.sellerId,
    appId: trialApp.appId,
    liveMode: true,
    paidAt: Date.parse('2026-11-02T03:59:58Z'),
    authenticated: true,
  });
  assert.deepEqual(
    [evidence.keyId, evidence.requestId, evidence.clockSkewMs, evidence.providerCode],
    [readAlipayKeys(trialKeys.alipayPublicKey)[0]?.id, 'trace-1', 0, 'TRADE_SUCCESS'],
  );
  assert.ok(!JSON.stringify(fact).includes('2088102534368455') && !JSON.stringify(fact).includes('xud'));
});

test('in the sandbox, under its new or its old address, nothing is of live money: not the account, nor any fact', async () => {
  const sandbox = 'https://openapi-sandbox.dl.alipaydev.com';
  const told = { out_trade_no: trialRef, out_request_no: refundRef, refund_status: 'REFUND_SUCCESS', fund_change: 'Y' };
  const { client } = clientWith(
    { baseUrl: sandbox },
    signedAnswer(trade),
    signedAnswer(notFound, 400),
    signedAnswer({ ...trade, ...told }),
    signedAnswer(told),
    signedAnswer(notFound, 400),
  );
  const name = { refundRef, attemptRef: trialRef };
  const notices = [trialNotice, { ...trialNotice, refund_fee: '0.29', out_biz_no: makeRefundRef(trialRef, 'staff') }];
  const facts = [
    await client.query(name, trialOptions),
    await client.query(name, trialOptions),
    await client.refund(refund, trialOptions),
    await client.queryRefund(name, trialOptions),
    await client.queryRefund(name, trialOptions),
    ...notices.map((notice) => {
      const result = client.parseNotification(signedForm(notice));
      assert.ok(result.kind === 'payment' || result.kind === 'refund', result.kind);
      return result.fact;
    }),
  ];
  assert.deepEqual(
    facts.map(({ liveMode }) => liveMode),
    facts.map(() => false),
  );
  const isLive = (baseUrl: string): boolean => clientWith({ baseUrl }).client.merchant.liveMode;
  assert.deepEqual([sandbox, 'https://openapi.alipaydev.com.'].map(isLive), [false, false]);
  assert.deepEqual(['https://openapi.alipay.com', 'http://127.0.0.1:4000'].map(isLive), [true, true]);
});

test('TRADE_CLOSED is closed where nothing was paid, and refunded whole where the money had come', async () => {
  const closed = { ...trade, trade_status: 'TRADE_CLOSED' };
  const refunded = await queryWith(signedAnswer(closed));
  assert.deepEqual([refunded.state, refunded.refundedMinor, refunded.amount?.minor], ['refunded', 20_000, 20_000]);
  const { send_pay_date: _date, ...unpaid } = closed;
  const never = await queryWith(signedAnswer(unpaid));
  assert.deepEqual([never.state, never.refundedMinor, never.paidAt], ['closed', undefined, undefined]);
  assert.equal((await queryWith(signedAnswer({ ...unpaid, trade_status: 'WAIT_BUYER_PAY' }))).state, 'pending');
  assert.equal((await queryWith(signedAnswer({ ...trade, trade_status: 'TRADE_FINISHED' }))).state, 'paid');
});

test('an answer to a query names no app: while nothing was paid none is claimed, so that a trade of an earlier app is no strange news', async () => {
  const { send_pay_date: _date, ...unpaid } = trade;
  const appOf = async (changes: object) => (await queryWith(signedAnswer({ ...unpaid, ...changes }))).appId;
  assert.equal(await appOf({ trade_status: 'WAIT_BUYER_PAY' }), undefined);
  assert.equal(await appOf({ trade_status: 'TRADE_CLOSED' }), undefined);
  const paidAt = { send_pay_date: trade.send_pay_date };
  assert.equal(await appOf({ trade_status: 'TRADE_CLOSED', ...paidAt }), trialApp.appId);
  assert.equal(await appOf({ trade_status: 'TRADE_SUCCESS', ...paidAt }), trialApp.appId);
  const earlier = { attemptRef: trialRef, appId: '2021000000000001' };
  const ofEarlier = await clientWithAnswers(signedAnswer(trade)).client.query(earlier, trialOptions);
  assert.equal(ofEarlier.appId, earlier.appId, 'the app that the attempt was made with');
});

test('a trade that does not exist is not found, and said to be proven only where Alipay signed that', async () => {
  const signed = await queryWith(signedAnswer(notFound, 400));
  const unsigned = await queryWith(new Response(JSON.stringify(notFound), { status: 400 }));
  assert.deepEqual([signed.state, signed.authenticated], ['not_found', true]);
  assert.deepEqual([unsigned.state, unsigned.authenticated], ['not_found', false]);
});

test('a yes that is not signed, signed by another, older or younger than five minutes, no JSON or no trade is unknown', async () => {
  const proof = signedAnswer(trade);
  const text = await proof.clone().text();
  const answers = [
    new Response(text),
    new Response(text.replace('200.00', '900.00'), { headers: proof.headers }),
    signedAnswer(trade, 200, { 'alipay-nonce': 'other' }),
    signedAnswer(trade, 200, { 'alipay-nonce': '' }),
    signedAnswer(trade, 200, { 'alipay-timestamp': String(trialNowMs - 300_000) }),
    signedAnswer(trade, 200, { 'alipay-timestamp': String(trialNowMs + 300_000) }),
    signedAnswer(trade, 200, { 'alipay-timestamp': 'now' }),
    signedAnswer('<html></html>'),
    signedAnswer({ ...trade, trade_status: 'PAID' }),
    signedAnswer({ ...trade, total_amount: '-1' }),
    signedAnswer({ code: '20000', msg: 'Service Currently Unavailable', sub_code: 'isp.unknow-error' }),
    signedAnswer({ code: '40004', msg: 'Business Failed', sub_code: 'ACQ.SYSTEM_ERROR' }),
    new Response('<html><h1>502 Bad Gateway</h1></html>', { status: 502 }),
    signedAnswer({ code: 'ACQ.TRADE_NOT_EXIST' }, 500),
    new Response('{"message":"no code"}', { status: 400 }),
    new Response(null, { status: 302 }),
    new Error('socket hang up'),
  ];
  for (const [index, answer] of answers.entries())
    assert.equal((await errorOf(queryWith(answer))).kind, 'unknown', `answer ${index}`);
  const wrapped = await queryWith(signedAnswer({ code: '10000', msg: 'Success', ...trade }));
  assert.equal(wrapped.state, 'paid');
});

test('an authentic answer about another trade is an integrity error, whatever was asked', async () => {
  const other = { ...trade, out_trade_no: 'OTHER1', qr_code: 'https://qr.alipay.com/x', fund_change: 'Y' };
  const { client } = clientWithAnswers(...Array.from({ length: 4 }, () => signedAnswer(other)));
  const kinds = [
    (await errorOf(client.create(trialOrder, trialOptions))).kind,
    (await errorOf(client.query({ attemptRef: trialRef }, trialOptions))).kind,
    (await errorOf(client.refund(refund, trialOptions))).kind,
    (await errorOf(client.queryRefund({ refundRef, attemptRef: trialRef }, trialOptions))).kind,
  ];
  assert.deepEqual(kinds, ['integrity', 'integrity', 'integrity', 'integrity']);
});

test('an order that Alipay could never take is rejected before a byte is sent', async () => {
  const { client, sent } = clientWithAnswers();
  const inputs = [
    { ...trialOrder, surface: 'wechat.h5' as const },
    { ...trialOrder, attemptRef: 'a-b' },
    { ...trialOrder, attemptRef: '' },
    { ...trialOrder, amount: { minor: 100, currency: 'EUR' } },
    { ...trialOrder, amount: { minor: 0, currency: 'CNY' } },
    { ...trialOrder, amount: { minor: 10_000_000_001, currency: 'CNY' } },
  ];
  for (const input of inputs) assert.equal((await errorOf(client.create(input, trialOptions))).kind, 'rejected');
  assert.deepEqual(sent, []);
});

test('what is to be paid lives until the order expires, and never longer than two hours', async () => {
  const late = trialNowMs + 86_400_000;
  for (const [expiresAt, lives] of [
    [trialNowMs + 900_000, trialNowMs + 900_000],
    [late, trialNowMs + 7_200_000],
  ] as const) {
    const answer = signedAnswer({ out_trade_no: trialRef, qr_code: 'https://qr.alipay.com/x' });
    const { client } = clientWithAnswers(answer);
    for (const surface of ['alipay.qr', 'alipay.wap'] as const) {
      assert.equal((await client.create({ ...trialOrder, surface, expiresAt }, trialOptions)).nextExpiresAt, lives);
    }
  }
});

test('the same order gives the same parameters, and a subject without the characters that Alipay refuses', async () => {
  const answer = () => signedAnswer({ out_trade_no: trialRef, qr_code: 'https://qr.alipay.com/x' });
  const { client, sent } = clientWithAnswers(answer(), answer());
  const odd = { ...trialOrder, subject: ' 92#/a=b&c, d，e ' };
  await client.create(odd, trialOptions);
  await client.create(odd, trialOptions);
  assert.deepEqual(sent[0]?.init.body, sent[1]?.init.body);
  const body = sent[0]?.init.body;
  assert.equal(JSON.parse(typeof body === 'string' ? body : '{}').subject, '92# a b c d e');
});

const ownerOf = ({ merchantId, appId, liveMode }: RefundFact) => [merchantId, appId, liveMode];

test('a refund moved the money when Alipay says Y, and is asked after when it says N or nothing', async () => {
  const answer = { out_trade_no: trialRef, trade_no: trade.trade_no, refund_fee: '150.29', fund_change: 'Y' };
  const { fund_change: _change, ...silent } = answer;
  const { client, sent } = clientWithAnswers(
    signedAnswer(answer),
    signedAnswer({ ...answer, fund_change: 'N' }),
    signedAnswer(silent),
  );
  const facts = [];
  for (let time = 0; time < 3; time += 1) facts.push(await client.refund(refund, trialOptions));
  assert.deepEqual(
    facts.map(({ refundRef: ref, attemptRef, state, amount }) => [ref, attemptRef, state, amount]),
    ['succeeded', 'processing', 'processing'].map((state) => [refundRef, trialRef, state, undefined]),
  );
  assert.deepEqual(
    facts.map(ownerOf),
    facts.map(() => [trialApp.sellerId, undefined, true]),
  );
  assert.deepEqual(
    sent.map(({ init }) => init.body),
    Array.from({ length: 3 }, () =>
      JSON.stringify({
        out_trade_no: trialRef,
        out_request_no: refundRef,
        refund_amount: '0.29',
        refund_reason: 'staff',
      }),
    ),
  );
});

test('a refund is succeeded only when its query says so; without a status it is to be asked for again', async () => {
  const told = { out_trade_no: trialRef, out_request_no: refundRef, trade_no: trade.trade_no, refund_amount: '0.29' };
  const stateWith = async (answer: Response) => {
    const fact = await clientWithAnswers(answer).client.queryRefund({ refundRef, attemptRef: trialRef }, trialOptions);
    assert.deepEqual(ownerOf(fact), [trialApp.sellerId, undefined, true]);
    return [fact.state, fact.amount?.minor];
  };
  assert.deepEqual(await stateWith(signedAnswer({ ...told, refund_status: 'REFUND_SUCCESS' })), ['succeeded', 29]);
  assert.deepEqual(await stateWith(signedAnswer({ ...told, refund_status: 'REFUND_PROCESSING' })), ['processing', 29]);
  assert.deepEqual(await stateWith(signedAnswer({ ...told, refund_status: 'REFUND_FAIL' })), ['abnormal', 29]);
  assert.deepEqual(await stateWith(signedAnswer(told)), ['not_found', undefined]);
  assert.deepEqual(await stateWith(signedAnswer({})), ['not_found', undefined]);
  assert.deepEqual(await stateWith(signedAnswer(notFound, 400)), ['not_found', undefined]);
});

test('health tells a wrong key of either side, an answer of another time, and how far the clocks are apart', async () => {
  const healthWith = (answer: Response | Error) => clientWithAnswers(answer).client.health(trialOptions);
  assert.deepEqual(await healthWith(signedAnswer(notFound, 400)), { ok: true, clockSkewMs: 0 });
  assert.deepEqual(await healthWith(new Response(JSON.stringify(notFound), { status: 400 })), { ok: true });
  const dated = { date: new Date(trialNowMs + 600_000).toUTCString() };
  const refused = new Response('{"code":"invalid-timestamp","message":"时间戳"}', { status: 401, headers: dated });
  const late = await healthWith(refused);
  assert.deepEqual([late.ok, late.clockSkewMs], [false, 600_000]);
  assert.match(late.detail ?? '', /^auth: Alipay answered query with 401 invalid-timestamp/);
  const stranger = await healthWith(signedAnswer(notFound, 400, { 'alipay-nonce': 'other' }));
  assert.match(stranger.detail ?? '', /^auth: .* not among publicKeys: give the 支付宝公钥/);
  const stale = await healthWith(signedAnswer(notFound, 400, { 'alipay-timestamp': String(trialNowMs + 300_000) }));
  assert.deepEqual([stale.ok, stale.clockSkewMs], [false, 300_000]);
  assert.match(stale.detail ?? '', /^auth: Alipay's clock is 300 s ahead of ours.*: set the clock$/);
  const silent = await healthWith(new Error('socket hang up'));
  assert.equal(silent.ok, false);
  assert.match(silent.detail ?? '', /^unknown: Alipay gave no answer/);
});

test('an account is opened by its settings, and a wrong one is named before the first payment', () => {
  const texts = {
    appId: trialApp.appId,
    sellerId: ` ${trialApp.sellerId}\n`,
    appPrivateKey: trialKeys.appPrivateKey,
    publicKeys: trialKeys.alipayPublicKey,
    surfaces: alipayService.settings['surfaces']?.fallback ?? '',
    url: alipayService.settings['url']?.fallback ?? '',
  };
  const tools = { account: 'north', fetch, clock: () => trialNowMs, random: (count: number) => new Uint8Array(count) };
  const open = (changes: Readonly<Partial<Record<keyof typeof texts, string>>> = {}) =>
    alipayService.open({ texts: { ...texts, ...changes }, keys: {} }, tools);
  const provider = open();
  assert.deepEqual([provider.id, provider.account, provider.origin], ['alipay', 'north', 'https://openapi.alipay.com']);
  assert.deepEqual(provider.merchant, { merchantId: trialApp.sellerId, appId: trialApp.appId, liveMode: true });
  assert.deepEqual(provider.capabilities.surfaces, ['alipay.wap', 'alipay.qr']);
  assert.deepEqual(open({ surfaces: 'qr' }).capabilities.surfaces, ['alipay.qr']);
  assert.throws(() => open({ surfaces: 'qr,h5' }), /surfaces must be one or several of wap,qr, not h5/);
  assert.throws(() => open({ appId: 'wx8888888888888888' }), /appId wx8888888888888888 is none of Alipay/);
  assert.throws(() => open({ sellerId: '1900009191' }), /sellerId 1900009191 is no merchant/);
  assert.throws(() => open({ appPrivateKey: 'x' }), /appPrivateKey is no private RSA key/);
  assert.throws(() => open({ publicKeys: '' }), /publicKeys holds/);
  assert.throws(() => open({ url: 'http://openapi.alipay.com' }), /url must be https/);
  assert.throws(() => open({ url: 'https://openapi.alipay.com/gateway.do' }), /url must end behind the host/);
  assert.equal(open({ url: ' https://openapi.alipay.com/\n' }).origin, 'https://openapi.alipay.com');
  assert.throws(() => open({ url: 'alipay' }), /url must be an address such as https:\/\/openapi\.alipay\.com/);
});
