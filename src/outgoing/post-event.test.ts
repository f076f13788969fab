import assert from 'node:assert/strict';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { after, afterEach, before, describe, test } from 'node:test';
import { createPostEvent, type EventRequest, type PostOutcome } from './post-event.ts';
import { chainCertificate } from './testing/chain-certificate.ts';
import { type Receiver, silence, startReceiver, status } from './testing/receiver.ts';

const chainHost = 'hooks.chain.test';
const here = [{ address: '127.0.0.1', family: 4 }];
const resolveHere = () => Promise.resolve(here);

const messageTo = (url: string): EventRequest => ({ url, headers: { 'webhook-id': 'evt_1' }, body: '{"type":"油"}' });

const errorOf = (outcome: PostOutcome): string => (outcome.kind === 'failed' ? outcome.error : `${outcome.status}`);

describe('posting an event', () => {
  let receiver: Receiver;
  const post = createPostEvent({ loopback: true });
  const quickly = createPostEvent({ loopback: true, timeoutMs: 200 });

  before(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => {
    receiver.answer = status(204);
    receiver.received.length = 0;
  });
  after(() => receiver.close());

  test('body and headers arrive as they were given, and the answer comes back', async () => {
    receiver.answer = (response) => void response.writeHead(202, { 'retry-after': '7' }).end('谢谢\0!');
    assert.deepEqual(await post(messageTo(`${receiver.url}?shop=7`)), {
      kind: 'answered',
      status: 202,
      answer: '谢谢\uFFFD!',
      retryAfterMs: 7_000,
    });
    const [one] = receiver.received;
    assert.deepEqual(
      [one?.path, one?.body, one?.headers['webhook-id'], one?.headers['content-type'], one?.headers['content-length']],
      ['/events?shop=7', '{"type":"油"}', 'evt_1', 'application/json', '14'],
    );
  });

  test('a redirect is not followed', async () => {
    for (const code of [301, 302, 303, 307, 308]) {
      receiver.answer = status(code, { location: `${receiver.url}/elsewhere` });
      assert.equal(errorOf(await post(messageTo(receiver.url))), String(code));
    }
    assert.deepEqual(new Set(receiver.received.map(({ path }) => path)), new Set(['/events']));
  });

  test('of an endless answer 64 KiB are read, and the status counts', async () => {
    let sentBytes = 0;
    const closed = Promise.withResolvers<undefined>();
    receiver.answer = (response) => {
      response.on('close', () => closed.resolve(undefined));
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) sentBytes += 16_384;
      };
      response.on('drain', more);
      more();
    };
    const outcome = await post(messageTo(receiver.url));
    assert.deepEqual(outcome, { kind: 'answered', status: 200, answer: 'x'.repeat(500), retryAfterMs: null });
    await closed.promise;
    assert.ok(sentBytes < 16 * 1024 * 1024, `${sentBytes} bytes were sent before the connection was closed`);
  });

  test('who does not answer is left after the timeout', async () => {
    receiver.answer = silence;
    assert.equal(errorOf(await quickly(messageTo(receiver.url))), 'timeout');
  });

  test('a body that does not end, or breaks off, takes nothing from the status', async () => {
    receiver.answer = (response) => void response.writeHead(200).write('so far');
    const endless = await quickly(messageTo(receiver.url));
    assert.deepEqual(endless, { kind: 'answered', status: 200, answer: 'so far', retryAfterMs: null });
    receiver.answer = (response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('so far', () => response.destroy());
    };
    const broken = await post(messageTo(receiver.url));
    assert.deepEqual(broken, { kind: 'answered', status: 200, answer: 'so far', retryAfterMs: null });
  });

  test('a connection that breaks before an answer, one that nobody takes, and an answer that is no HTTP are failures by name', async () => {
    receiver.answer = (response) => void response.destroy();
    assert.equal(errorOf(await post(messageTo(receiver.url))), 'connection_failed ECONNRESET');
    const babbler = createTcpServer((socket) => void socket.resume().end('hello\r\n\r\n'));
    await new Promise<void>((resolve) => {
      babbler.listen(0, '127.0.0.1', resolve);
    });
    const { port } = babbler.address() as AddressInfo;
    assert.match(errorOf(await post(messageTo(`http://127.0.0.1:${port}/`))), /^connection_failed HPE_/);
    await new Promise((resolve) => {
      babbler.close(resolve);
    });
    assert.equal(errorOf(await post(messageTo(`http://127.0.0.1:${port}/`))), 'connection_failed ECONNREFUSED');
  });

  test('a name is resolved once, and the connection goes to the address that was checked', async () => {
    const asked: string[] = [];
    const answers = [here, [{ address: '10.0.0.1', family: 4 }]];
    const rebound = createPostEvent({
      loopback: true,
      resolve: (host) => {
        asked.push(host);
        return Promise.resolve(answers.shift() ?? []);
      },
    });
    assert.equal(errorOf(await rebound(messageTo(`http://localhost:${receiver.port}/events`))), '204');
    assert.deepEqual(asked, ['localhost']);
    assert.equal(receiver.received[0]?.headers['host'], `localhost:${receiver.port}`);
    // The next event asks anew, and now the name points inside.
    assert.equal(errorOf(await rebound(messageTo(`http://localhost:${receiver.port}/events`))), 'address_refused');
    assert.equal(receiver.received.length, 1);
  });

  test('a name with one address inside among others is refused, and nothing is connected to', async () => {
    for (const addresses of [
      ['127.0.0.1'],
      ['8.8.8.8', '10.0.0.1'],
      ['::ffff:10.0.0.1', '8.8.8.8'],
      ['169.254.169.254'],
      ['fd00:ec2::254'],
    ]) {
      const guarded = createPostEvent({
        loopback: false,
        resolve: () =>
          Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))),
      });
      const url = `https://${chainHost}:${receiver.port}/`;
      assert.equal(errorOf(await guarded(messageTo(url))), 'address_refused', addresses.join());
    }
    assert.equal(receiver.received.length, 0);
  });

  test('a subscription from another time is judged by the setting of today', async () => {
    const guarded = createPostEvent({ loopback: false });
    assert.equal(errorOf(await guarded(messageTo(receiver.url))), 'url_not_https');
    const https = receiver.url.replace('http:', 'https:');
    assert.equal(errorOf(await guarded(messageTo(https))), 'url_address_refused');
    assert.equal(receiver.received.length, 0);
  });

  test('a name without an address, and one that nobody resolves in time, are failures by name', async () => {
    const refused = createPostEvent({ loopback: false, resolve: () => Promise.reject(new Error('ENOTFOUND')) });
    assert.equal(errorOf(await refused(messageTo('https://nowhere.example/'))), 'name_unresolved');
    const empty = createPostEvent({ loopback: false, resolve: () => Promise.resolve([]) });
    assert.equal(errorOf(await empty(messageTo('https://nowhere.example/'))), 'name_unresolved');
    const slow = createPostEvent({
      loopback: false,
      timeoutMs: 50,
      resolve: () => Promise.withResolvers<typeof here>().promise,
    });
    assert.equal(errorOf(await slow(messageTo('https://nowhere.example/'))), 'timeout');
  });

  test('behind TLS only who shows a trusted certificate of the very name is told anything', async () => {
    const certificate = chainCertificate(chainHost);
    const safe = await startReceiver({
      scheme: 'https',
      serve: (listener) => createTlsServer(certificate, listener),
    });
    const byName = createPostEvent({ loopback: true, resolve: resolveHere });
    const trusted = getCACertificates('default');
    try {
      const self = messageTo(`https://${chainHost}:${safe.port}/events`);
      assert.equal(errorOf(await byName(self)), 'connection_failed DEPTH_ZERO_SELF_SIGNED_CERT');
      setDefaultCACertificates([...trusted, certificate.cert]);
      assert.equal(errorOf(await byName(messageTo(`https://other.chain.test:${safe.port}/`))), wrongName);
      assert.equal(errorOf(await byName(messageTo(`https://127.0.0.1:${safe.port}/`))), wrongName);
      assert.equal(safe.received.length, 0);
      assert.equal(errorOf(await byName(self)), '204');
      assert.equal(safe.received[0]?.headers['host'], `${chainHost}:${safe.port}`);
    } finally {
      setDefaultCACertificates(trusted);
      await safe.close();
    }
  });
});

const wrongName = 'connection_failed ERR_TLS_CERT_ALTNAME_INVALID';
