import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { type Cloud, startCloud } from '../api/cloud.ts';
import { findNewestTries } from '../outgoing/delivery.sql.ts';
import { outgoingEventTypes } from '../outgoing/outgoing-event.ts';
import { outgoingEventMessage } from '../outgoing/outgoing-event.message.ts';
import { type Receiver, startReceiver } from '../outgoing/testing/receiver.ts';
import { createAccounts } from '../payment/account.ts';
import { placePlainOrder } from '../testing/cloud.ts';
import { runForecourt, runInProcess } from '../testing/command.ts';
import { testDatabaseUrl } from '../testing/database.ts';
import { until } from '../testing/journey.ts';
import { saveSampleStations } from '../testing/sample-stations.ts';
import { UsageError } from './command.ts';
import { loopbackName } from './event-options.ts';
import { command as logCommand } from './events-log.ts';
import { command as resendCommand } from './events-resend.ts';
import { command as rotateCommand } from './events-rotate.ts';
import { command as subscribeCommand } from './events-subscribe.ts';

describe('forecourt events', () => {
  let databaseUrl = '';
  let cloud: Cloud;
  let receiver: Receiver;
  const loopbackBefore = process.env[loopbackName];

  before(async () => {
    process.env[loopbackName] = 'yes';
    databaseUrl = await testDatabaseUrl();
    await saveSampleStations(databaseUrl);
    receiver = await startReceiver();
    cloud = await startCloud({
      databaseUrl,
      host: '127.0.0.1',
      port: 0,
      accounts: createAccounts([]),
      signal: 'local',
      eventsToLoopback: true,
      databaseConnectionsMax: 4,
      log: { info: () => undefined, error: (detail, text) => assert.fail(`${text} ${JSON.stringify(detail)}`) },
    });
  });
  after(async () => {
    if (loopbackBefore === undefined) delete process.env[loopbackName];
    else process.env[loopbackName] = loopbackBefore;
    await cloud.stop();
    await receiver.close();
  });

  const events = (...words: string[]) => runForecourt(['events', ...words, '--database', databaseUrl]);

  async function subscribe(...words: string[]): Promise<{ subscriptionId: string; secret: string }> {
    const { exitCode, stdout, stderr } = await events('subscribe', '--url', receiver.url, '--json', ...words);
    assert.equal(exitCode, 0, stderr);
    await cloud.journey.subscriptions.refresh();
    return JSON.parse(stdout);
  }

  async function cancelAnOrder(): Promise<void> {
    const { order } = await placePlainOrder(cloud.url);
    const { stationNumber } = order.station;
    await cloud.journey.endOrder({ stationNumber, orderId: order.orderId }, 'cancelled');
  }

  test('from the subscription to the end: an event comes by itself, is believed by the printed secret, stands in the log and can be sent again', async () => {
    const { subscriptionId, secret } = await subscribe('--types', 'order.cancelled');
    await cancelAnOrder();
    await until(() => receiver.received.length === 1);
    const [one] = receiver.received;
    assert.ok(one !== undefined);
    const message = outgoingEventMessage.parse(new Webhook(secret).verify(one.body, one.headers));
    assert.equal(message.type, 'order.cancelled');
    const eventId = one.headers['webhook-id'] ?? '';
    // The answer is written down a moment after it was given.
    await until(async () => (await findNewestTries(cloud.journey.db, subscriptionId, 1)).length === 1);
    const [line] = JSON.parse((await events('log', '--event', eventId, '--json')).stdout);
    assert.deepEqual([line.type, line.status, line.state, line.tryNumber], ['order.cancelled', 204, 'delivered', 1]);
    const newest = await events('log', '--subscription', subscriptionId);
    assert.match(newest.stdout, new RegExp(`${eventId} +order.cancelled +${subscriptionId} +1 +204 +\\d+ +delivered`));
    assert.equal((await events('resend', eventId)).exitCode, 0);
    await until(() => receiver.received.length === 2);
    assert.equal(receiver.received[1]?.headers['webhook-id'], eventId);
    assert.equal((await events('unsubscribe', subscriptionId)).exitCode, 0);
    assert.equal((await events('resend', eventId)).exitCode, 1);
  });

  test('the list shows who is told what, and no secret; a rotation prints the new one once', async () => {
    const { subscriptionId, secret } = await subscribe(
      '--types',
      'all',
      '--stations',
      '1003,1004,1003',
      '--with-person',
    );
    const { exitCode, stdout } = await events('rotate', subscriptionId, '--json');
    assert.equal(exitCode, 0);
    const rotated: { secret: string } = JSON.parse(stdout);
    assert.match(rotated.secret, /^whsec_/);
    assert.notEqual(rotated.secret, secret);
    const [text, json] = await Promise.all([events('list'), events('list', '--json')]);
    assert.match(text.stdout, new RegExp(`${subscriptionId} +active +0 +0 +1003,1004 +yes +all +${receiver.url}`));
    for (const shown of [text.stdout, json.stdout]) assert.doesNotMatch(shown, /whsec_|secret"/);
    const [line] = JSON.parse(json.stdout);
    assert.deepEqual([line.types, line.stationNumbers, line.withPerson], [outgoingEventTypes, [1003, 1004], true]);
    assert.equal((await events('unsubscribe', subscriptionId)).exitCode, 0);
    assert.equal((await events('list')).stdout, 'nobody is told\n');
  });

  test('what is not there cannot be ended, rotated, resumed or sent again', async () => {
    const nobody = 'sub_0000000000000';
    const nothing = 'evt_0000ZB01JDAVB8J00000000Z_0123456789ABC';
    for (const words of [
      ['unsubscribe', nobody],
      ['rotate', nobody],
      ['resume', nobody],
      ['resend', nothing],
    ])
      assert.equal((await events(...words)).exitCode, 1, words.join(' '));
    assert.equal((await events('log', '--event', nothing)).stdout, 'nothing was sent\n');
  });

  test('a station that does not exist is no station to subscribe for, and nothing is stored', async () => {
    const before = await events('list', '--json');
    const { exitCode, stdout, stderr } = await events(
      'subscribe',
      '--url',
      receiver.url,
      '--types',
      'all',
      '--stations',
      '1003,9999',
    );
    assert.deepEqual([exitCode, stdout, stderr], [1, '', 'station 9999 is not known\n']);
    assert.equal((await events('list', '--json')).stdout, before.stdout);
  });

  test('wrong use is told by its option', async () => {
    const subscribeTo = (url: string, types = 'all', ...words: string[]) =>
      runInProcess(subscribeCommand, ['--database', databaseUrl, '--url', url, '--types', types, ...words]);
    const good = 'https://hooks.chain.example/';
    for (const [attempt, reason] of [
      [() => subscribeTo('hooks.chain.example'), /--url hooks\.chain\.example is no URL/],
      [() => subscribeTo('http://hooks.chain.example/'), /is not https/],
      [() => subscribeTo('https://user:word@hooks.chain.example/'), /has a name or a password/],
      [() => subscribeTo('https://hooks.chain.example:25/'), /port below 1024/],
      [() => subscribeTo('https://169.254.169.254/latest/meta-data'), /not on the internet/],
      [() => subscribeTo(good, 'order.payed'), /--types order\.payed is none of all, order\.paid/],
      [() => subscribeTo(good, ''), /--types .* is none of/],
      [() => subscribeTo(good, 'all', '--stations', '0'), /--stations 0/],
      [() => subscribeTo(good, 'all', '--stations', Array(1_001).fill('7').join(',')), /more than 1000 stations/],
      [() => runInProcess(rotateCommand, ['--database', databaseUrl]), /name one subscription/],
      [() => runInProcess(resendCommand, ['--database', databaseUrl, 'evt_1']), /name one event/],
      [() => runInProcess(logCommand, ['--event', 'evt_1', '--subscription', 'sub_1']), /exclude each other/],
      [() => runInProcess(logCommand, ['--limit', '0']), /--limit 0/],
    ] as const)
      await assert.rejects(
        attempt,
        (error) => error instanceof UsageError && reason.test(error.message),
        String(reason),
      );
  });
});
