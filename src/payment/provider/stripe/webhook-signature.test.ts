import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { computedWebhook as vector } from './published-vectors.ts';
import { openEvent } from './webhook-signature.ts';

const nowMs = vector.timestampSeconds * 1000;
const honest = `t=${vector.timestampSeconds},v1=${vector.v1}`;

type Changes = { header?: string; body?: string; secrets?: readonly string[]; receivedAt?: number };

function open({ header = honest, body = vector.payload, secrets = [vector.secret], receivedAt = nowMs }: Changes = {}) {
  const headers = header === '' ? {} : { 'stripe-signature': header };
  const opened = openEvent(secrets, { rawBody: Buffer.from(body), headers, receivedAt });
  return opened.kind === 'event' ? 'event' : opened.reason;
}

const sign = (body: string, secret: string = vector.secret): string =>
  `t=${vector.timestampSeconds},v1=${createHmac('sha256', secret).update(`${vector.timestampSeconds}.${body}`).digest('hex')}`;

test('the computed signature holds, and gives the event', () => {
  const notification = {
    rawBody: Buffer.from(vector.payload),
    headers: { 'stripe-signature': honest },
    receivedAt: nowMs,
  };
  assert.deepEqual(openEvent([vector.secret], notification), {
    kind: 'event',
    event: { id: 'evt_test_webhook', object: 'event' },
  });
});

test('a changed byte, another secret, a changed signature and none at all are refused', () => {
  assert.equal(open({ body: vector.payload.replace('evt_', 'evt-') }), 'bad_signature');
  assert.equal(open({ body: `${vector.payload} ` }), 'bad_signature');
  assert.equal(open({ secrets: ['whsec_other'] }), 'bad_signature');
  assert.equal(open({ secrets: [] }), 'bad_signature');
  assert.equal(open({ header: honest.replace('v1=4f', 'v1=5f') }), 'bad_signature');
  assert.equal(open({ header: honest.replace('v1=', 'v0=') }), 'bad_signature');
  for (const header of ['', 'v1=4f', `t=now,v1=${vector.v1}`, `t=-1,v1=${vector.v1}`, 't=', 't,v1'])
    assert.equal(open({ header }), 'bad_signature', header);
});

test('while the secret is being changed either is accepted, and so is a header with a signature of each', () => {
  const secrets = ['whsec_new', vector.secret];
  assert.equal(open({ secrets }), 'event');
  assert.equal(open({ secrets: ['whsec_new'], header: sign(vector.payload, 'whsec_new') }), 'event');
  const both = `${sign(vector.payload, 'whsec_new')},v1=${vector.v1}`;
  assert.equal(open({ header: both }), 'event');
  assert.equal(open({ header: both, secrets: ['whsec_new'] }), 'event');
  assert.equal(open({ header: `${honest},v0=6ffbb59b2300aae63f272406069a9788` }), 'event');
});

test('five minutes of difference are taken on either side of now, and not a second more', () => {
  assert.equal(open({ receivedAt: nowMs + 300_000 }), 'event');
  assert.equal(open({ receivedAt: nowMs + 301_000 }), 'stale');
  assert.equal(open({ receivedAt: nowMs - 300_000 }), 'event');
  assert.equal(open({ receivedAt: nowMs - 301_000 }), 'stale');
  assert.equal(open({ receivedAt: nowMs - 10 * 86_400_000 }), 'stale');
});

test('a time that was not signed does not make an old event new', () => {
  const receivedAt = nowMs + 3_600_000;
  assert.equal(open({ header: `${honest},t=${receivedAt / 1000}`, receivedAt }), 'bad_signature');
  assert.equal(open({ header: `t=${receivedAt / 1000},v1=${vector.v1}`, receivedAt }), 'bad_signature');
});

test('what is signed and is no JSON is malformed', () => {
  assert.equal(open({ body: '<html>', header: sign('<html>') }), 'malformed');
});
