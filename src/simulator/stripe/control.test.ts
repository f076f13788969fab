import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { attemptRef, callOptions, startTrial, trialOrder, trialRefund } from './testing/trial-account.ts';

test('over HTTP one can do whatever the control object does', async (context) => {
  const trial = await startTrial(context);
  const ask = async (method: string, path: string, body?: unknown) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${trial.simulator.url}/_control/${path}`, init);
    const answer: unknown = await response.json();
    return { status: response.status, body: answer };
  };
  const countOf = async (path: string) => z.array(z.unknown()).parse((await ask('GET', path)).body).length;
  const statusOf = async (method: string, path: string, body?: unknown) => (await ask(method, path, body)).status;

  assert.deepEqual((await ask('GET', 'credentials')).body, trial.simulator.credentials);
  assert.equal(await statusOf('PUT', 'webhook', { url: trial.notifyUrl, events: ['*'] }), 200);
  assert.equal(await statusOf('PUT', 'webhook', { url: 'nowhere' }), 422);
  assert.equal(await statusOf('POST', 'faults', { operation: 'create', kind: 'kept_500', times: 2 }), 200);
  assert.deepEqual((await ask('GET', 'faults')).body, [{ operation: 'create', kind: 'kept_500', times: 2, ms: 0 }]);
  assert.equal(await statusOf('DELETE', 'faults'), 200);
  await trial.provider.create(trialOrder(trial), callOptions);
  assert.equal(await countOf('payments'), 1);
  assert.equal(await statusOf('POST', `payments/${attemptRef}/decline`), 200);
  assert.equal(await statusOf('POST', `payments/${attemptRef}/end-delayed`, { ending: 'succeeded' }), 409);
  assert.equal(await statusOf('POST', `payments/${attemptRef}/pay`, { delayed: true }), 200);
  assert.equal(await statusOf('POST', `payments/${attemptRef}/end-delayed`, { ending: 'succeeded' }), 200);
  assert.deepEqual(await ask('POST', `payments/${attemptRef}/pay`), { status: 409, body: { code: 'already_paid' } });
  assert.partialDeepStrictEqual((await ask('GET', `payments/${attemptRef}`)).body, { paymentStatus: 'paid' });
  assert.equal(await statusOf('GET', 'payments/NOBODY'), 404);
  assert.equal(await statusOf('POST', 'refund-endings', { ending: 'failed', times: 1 }), 200);
  const part = { amount: { minor: 500, currency: 'EUR' } };
  await trial.provider.refund(trialRefund(trial, part), callOptions);
  assert.equal(await statusOf('POST', `refunds/${trialRefund(trial).refundRef}/end`, { ending: 'canceled' }), 200);
  assert.partialDeepStrictEqual((await ask('GET', 'refunds')).body, [{ status: 'canceled' }]);
  assert.equal(await statusOf('POST', `payments/${attemptRef}/refund`, { amountMinor: 20_001 }), 409);
  assert.equal(await statusOf('POST', `payments/${attemptRef}/refund`, { amountMinor: 20_000 }), 200);
  assert.equal(await statusOf('POST', `payments/${attemptRef}/dispute`), 200);
  assert.equal(await statusOf('POST', 'payouts', { currency: 'eur' }), 200);
  assert.deepEqual((await ask('POST', 'keys')).body, trial.simulator.control.credentials());
  assert.equal(trial.simulator.control.credentials().webhookSecrets.length, 2);
  assert.equal(await statusOf('PUT', 'time', { timeScale: 60 }), 200);
  await trial.simulator.control.settled();
  assert.ok((await countOf('notifications')) > 8);
  assert.ok((await countOf('traffic')) > 3);
});

test('a wish that is not understood is refused and changes nothing', async (context) => {
  const trial = await startTrial(context);
  const post = async (path: string, body: string) =>
    (await fetch(`${trial.simulator.url}/_control/${path}`, { method: 'POST', body })).status;
  assert.equal(await post('faults', '{"operation":"create","kind":"drop"}'), 422);
  assert.equal(await post('faults', '{"operation":"create","kind":"wrong_signature"}'), 422);
  assert.equal(await post('faults', 'not json'), 422);
  assert.equal(await post('nothing', '{}'), 404);
  assert.deepEqual(trial.simulator.control.faults(), []);
});
