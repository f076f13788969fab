import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fetchAnswer } from './fetch-answer.ts';
import { ProviderError } from './provider.ts';

const options = { signal: new AbortController().signal, timeoutMs: 1000 };
const call = {
  service: 'Some Pay',
  operation: 'query',
  url: 'https://pay.example.com/',
  method: 'GET',
  headers: {},
  body: '',
  bytesMax: 10,
} as const;

const asked = (response: Response) => fetchAnswer(async () => response, call, options);

test('an answer is read whole whether or not it announces its length, and a redirect is an answer like any other', async () => {
  const announced = new Response('0123456789', { headers: { 'content-length': '10' } });
  assert.equal((await asked(announced)).body.toString(), '0123456789');
  assert.equal((await asked(new Response('0123456789'))).body.toString(), '0123456789');
  assert.equal((await asked(new Response(null, { status: 204 }))).body.length, 0);
  const moved = await asked(new Response(null, { status: 302, headers: { location: 'https://elsewhere.example/' } }));
  assert.equal(moved.status, 302);
});

test('a packed answer counts as what it unpacks to', async (context) => {
  const packed = gzipSync(Buffer.alloc(1024 * 1024));
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed);
  });
  context.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const url = `http://127.0.0.1:${address.port}/`;
  const asked = (bytesMax: number) => fetchAnswer(fetch, { ...call, url, bytesMax }, options);
  assert.ok(packed.length < 2048);
  await assert.rejects(asked(2048), /the answer has more than 2048 bytes/);
  assert.equal((await asked(1024 * 1024)).body.length, 1024 * 1024);
});

test('an answer that is too large is unknown, whatever it announces', async () => {
  for (const announced of ['11', '99999999999', 'x']) {
    const large = new Response('0123456789+', { headers: { 'content-length': announced } });
    await assert.rejects(asked(large), (error) => {
      assert.ok(error instanceof ProviderError);
      assert.equal(error.kind, 'unknown');
      assert.match(error.message, /^Some Pay gave no answer to query: the answer has more than 10 bytes$/);
      return true;
    });
  }
});
