import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callOptions, startTrial, trialOrder, trialRef, trialRefund } from './testing/trial-merchant.ts';

test('over HTTP one can do whatever the control object does', async (context) => {
  const trial = await startTrial(context);
  const { control } = trial.simulator;
  const ask = async (method: string, path: string, body?: unknown) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${trial.simulator.url}/_control/${path}`, init);
    const answer: unknown = await response.json();
    return { status: response.status, body: answer };
  };
  const statusOf = async (method: string, path: string, body?: unknown) => (await ask(method, path, body)).status;

  assert.deepEqual((await ask('GET', 'credentials')).body, trial.simulator.credentials);
  assert.equal(await statusOf('POST', 'faults', { operation: 'query', kind: 'code_20000', times: 2 }), 200);
  assert.deepEqual((await ask('GET', 'faults')).body, [{ operation: 'query', kind: 'code_20000', times: 2, ms: 0 }]);
  assert.equal(await statusOf('DELETE', 'faults'), 200);
  await trial.provider.create(trialOrder(trial), callOptions);
  assert.partialDeepStrictEqual((await ask('GET', 'payments')).body, [{ outTradeNo: trialRef, trade: null }]);
  assert.equal(await statusOf('POST', `payments/${trialRef}/scan`), 200);
  assert.equal(await statusOf('POST', 'payments/NOBODY/scan'), 409);
  assert.partialDeepStrictEqual((await ask('GET', `payments/${trialRef}`)).body, {
    trade: { status: 'WAIT_BUYER_PAY' },
  });
  assert.equal(await statusOf('POST', `payments/${trialRef}/decline`), 200);
  assert.equal(await statusOf('POST', `payments/${trialRef}/pay`), 200);
  assert.deepEqual(await ask('POST', `payments/${trialRef}/pay`), { status: 409, body: { code: 'already_paid' } });
  assert.equal(await statusOf('POST', 'refund-endings', { ending: 'LATER', times: 1 }), 200);
  await trial.provider.refund(trialRefund({ amount: { minor: 100, currency: 'CNY' } }), callOptions);
  assert.equal(await statusOf('POST', `refunds/${trialRefund().refundRef}/end`, { ending: 'SUCCESS' }), 200);
  const elsewhere = { outTradeNo: trialRef, refundFen: 200, outRequestNo: 'HZRF001' };
  assert.equal(await statusOf('POST', 'refunds', elsewhere), 200);
  assert.deepEqual(await ask('POST', 'refunds', { ...elsewhere, outTradeNo: 'NOBODY' }), {
    status: 409,
    body: { code: 'ACQ.TRADE_NOT_EXIST' },
  });
  assert.partialDeepStrictEqual((await ask('GET', 'refunds')).body, [{ status: 'SUCCESS' }, { refundFen: 200 }]);
  assert.deepEqual((await ask('POST', 'keys')).body, control.credentials());
  assert.equal(control.credentials().alipayPublicKeys.split('\n').length, 2);
  assert.equal(await statusOf('PUT', 'time', { timeScale: 60 }), 200);
  await control.settled();
  assert.equal(control.notifications().length, 3);
  assert.equal(await statusOf('GET', 'notifications'), 200);
  assert.equal(await statusOf('GET', 'traffic'), 200);
});

test('a wish that is not understood is refused and changes nothing', async (context) => {
  const trial = await startTrial(context);
  const post = async (path: string, body: string) =>
    (await fetch(`${trial.simulator.url}/_control/${path}`, { method: 'POST', body })).status;
  assert.equal(await post('faults', '{"operation":"create","kind":"rsa_downgrade"}'), 422);
  assert.equal(await post('faults', '{"operation":"signIn","kind":"hang"}'), 422);
  assert.equal(await post('refunds', '{"outTradeNo":"X","refundFen":0,"outRequestNo":"Y"}'), 422);
  assert.equal(await post('probes', '{}'), 404);
  assert.deepEqual(trial.simulator.control.faults(), []);
});
