import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { callOptions, startTrial, trialOrder, trialRefund } from './testing/trial-merchant.ts';

const attemptRef = '00001A0KQ3X7V9M2ABCDEFGH01';

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
  assert.equal(await statusOf('POST', 'faults', { operation: 'create', kind: 'server_error', times: 2 }), 200);
  assert.deepEqual((await ask('GET', 'faults')).body, [{ operation: 'create', kind: 'server_error', times: 2, ms: 0 }]);
  assert.equal(await statusOf('DELETE', 'faults'), 200);
  await trial.provider.create(trialOrder(trial), callOptions);
  assert.equal(await countOf('payments'), 1);
  assert.equal(await statusOf('POST', `payments/${attemptRef}/decline`), 200);
  assert.equal(await statusOf('POST', `payments/${attemptRef}/pay`), 200);
  assert.deepEqual(await ask('POST', `payments/${attemptRef}/pay`), { status: 409, body: { code: 'already_paid' } });
  assert.partialDeepStrictEqual((await ask('GET', `payments/${attemptRef}`)).body, { state: 'SUCCESS' });
  assert.equal(await statusOf('GET', 'payments/NOBODY'), 404);
  assert.equal(await statusOf('POST', 'refund-endings', { ending: 'CLOSED', times: 1 }), 200);
  await trial.provider.refund(trialRefund(trial), callOptions);
  assert.equal(await statusOf('POST', `refunds/${trialRefund(trial).refundRef}/end`, { ending: 'ABNORMAL' }), 200);
  assert.partialDeepStrictEqual((await ask('GET', 'refunds')).body, [{ status: 'ABNORMAL' }]);
  assert.deepEqual((await ask('POST', 'keys')).body, trial.simulator.control.credentials());
  assert.deepEqual((await ask('POST', 'probes', { notifyUrl: trial.notifyUrl })).body, { status: 401 });
  assert.equal(await statusOf('PUT', 'time', { timeScale: 60 }), 200);
  await trial.simulator.control.settled();
  assert.equal(await countOf('notifications'), 2);
  assert.ok((await countOf('traffic')) > 3);
  const [notice] = trial.simulator.control.notifications();
  const before = trial.received.length;
  assert.equal(await statusOf('POST', `notifications/${notice?.id}/resend`), 200);
  await trial.simulator.control.settled();
  assert.equal(trial.received.length, before + 1);
  assert.equal(await statusOf('POST', 'notifications/nobody/resend'), 404);
});

test('a wish that is not understood is refused and changes nothing', async (context) => {
  const trial = await startTrial(context);
  const post = async (path: string, body: string) =>
    (await fetch(`${trial.simulator.url}/_control/${path}`, { method: 'POST', body })).status;
  assert.equal(await post('faults', '{"operation":"create","kind":"drop"}'), 422);
  assert.equal(await post('faults', '{"operation":"create","kind":"hang","times":0}'), 422);
  assert.equal(await post('faults', 'not json'), 422);
  assert.equal(await post('nothing', '{}'), 404);
  assert.deepEqual(trial.simulator.control.faults(), []);
});
