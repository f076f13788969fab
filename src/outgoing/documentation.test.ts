import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { systemRandom } from '../base/random.ts';
import { outgoingEventTypes } from './outgoing-event.ts';
import { outgoingEventMessage } from './outgoing-event.message.ts';
import { signEvent } from './signature.ts';
import { formatSecret, makeSecret } from './subscription.ts';

const page = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');

/** The first block of code in this language. */
const blockOf = (language: string): string =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? assert.fail(`no block of ${language}`);

test('the page for developers tells of every event type, each once, and of no other', () => {
  const told = [...page.matchAll(/^\| `([a-z]+\.[a-z]+)` \|/gm)].map(([, type]) => type ?? '');
  assert.deepEqual(told.toSorted(), outgoingEventTypes.toSorted());
});

test("the page's message keeps to the schema", () => {
  outgoingEventMessage.parse(JSON.parse(blockOf('json')));
});

test("the page's way to verify a message takes what we sign, by the old secret too, and nothing else", async () => {
  const { isFromForecourt }: { readonly isFromForecourt: (headers: object, body: string, secret: string) => boolean } =
    await import(`data:text/javascript,${encodeURIComponent(blockOf('js'))}`);
  const [secret, old, foreign] = [makeSecret(systemRandom), makeSecret(systemRandom), makeSecret(systemRandom)];
  const message = { eventId: 'evt_0000ZB01JDAVB8J00000000Z_0123456789ABC', body: '{"type":"油"}' };
  const headers = signEvent({ ...message, sentAt: Date.now() }, [secret, old]);
  const judge = (changes: object, body: string, by: Uint8Array) =>
    isFromForecourt({ ...headers, ...changes }, body, formatSecret(by));
  assert.deepEqual([judge({}, message.body, secret), judge({}, message.body, old)], [true, true]);
  assert.deepEqual(
    [
      judge({}, message.body, foreign),
      judge({}, `${message.body} `, secret),
      judge({ 'webhook-id': 'evt_2' }, message.body, secret),
      judge({ 'webhook-signature': '' }, message.body, secret),
      judge({ 'webhook-timestamp': 'now' }, message.body, secret),
      judge(signEvent({ ...message, sentAt: Date.now() - 301_000 }, [secret]), message.body, secret),
      judge(signEvent({ ...message, sentAt: Date.now() + 302_000 }, [secret]), message.body, secret),
    ],
    Array(7).fill(false),
  );
});
