import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { outgoingEventTypes } from '../outgoing/outgoing-event.ts';
import { formatSecret, makeSecret, makeSubscriptionId, subscriptionsMax } from '../outgoing/subscription.ts';
import { insertSubscription } from '../outgoing/subscription.sql.ts';
import type { Database } from '../database/database.ts';
import { findStations } from '../station/station.sql.ts';
import { type Command, isSet, requiredText, textOf } from './command.ts';
import { loopbackName, readEventTypes, readEventUrl, readStations } from './event-options.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';

export const command: Command = {
  name: 'events subscribe',
  summary: "Lets one of the chain's own systems be told what happens, by signed webhooks.",
  usage: '--url URL --types TYPES [options]',
  options: {
    url: { type: 'string', value: 'url', help: 'where each event is posted: https, on the internet' },
    types: { type: 'string', value: 'types', help: 'all, or event types with commas between' },
    stations: { type: 'string', value: 'numbers', help: 'only of these stations, with commas between; default all' },
    'with-person': {
      type: 'boolean',
      help: "tell the driver's name, phone and plate too: only where the receiver needs them",
    },
    json: { type: 'boolean', help: 'print one JSON object' },
    ...databaseOptions,
  },
  notes: [
    `Event types: ${outgoingEventTypes.join(', ')}.`,
    'The secret is printed this once. Nodes that run begin to tell within about three seconds.',
    `With ${loopbackName}=yes, here and at the cloud, the receiver may be this machine, by http too: for trials only.`,
  ],
  examples: [
    'forecourt events subscribe --url https://loyalty.chain.example/forecourt --types order.fulfilled,refund.succeeded',
    'forecourt events subscribe --url https://invoice.chain.example/hook --types all --stations 1003,1004 --with-person',
  ],
  exitCodes: {
    0: 'subscribed',
    1: `a station is not known, or there are ${subscriptionsMax} subscriptions already`,
    [failureExitCode]: failureMeaning,
  },
  async run(input) {
    const subscription = {
      subscriptionId: makeSubscriptionId(systemRandom),
      url: readEventUrl(requiredText(command, input, 'url')),
      types: readEventTypes(requiredText(command, input, 'types')),
      stationNumbers: readStations(textOf(command, input, 'stations')),
      withPerson: isSet(input, 'with-person'),
      madeAt: systemClock(),
    };
    const secret = makeSecret(systemRandom);
    return orFailure(command, input, async () => {
      const refused = await withDatabase(command, input, (db) => subscribe(db, { ...subscription, secret }));
      if (refused !== null) {
        process.stderr.write(`${refused}\n`);
        return 1;
      }
      const { subscriptionId } = subscription;
      process.stdout.write(
        isSet(input, 'json')
          ? `${JSON.stringify({ subscriptionId, secret: formatSecret(secret) })}\n`
          : `subscription  ${subscriptionId}\nsecret        ${formatSecret(secret)}\n`,
      );
      return 0;
    });
  },
};

/** Null where it is stored; else why it is not. */
async function subscribe(db: Database, subscription: Parameters<typeof insertSubscription>[1]): Promise<string | null> {
  const asked = subscription.stationNumbers ?? [];
  const known = (await findStations(db, asked, subscription.madeAt)).map(({ stationNumber }) => stationNumber);
  const unknown = asked.filter((stationNumber) => !known.includes(stationNumber));
  if (unknown.length > 0) return `station ${unknown.join(', ')} is not known`;
  const stored = await insertSubscription(db, subscription);
  return stored ? null : `there are ${subscriptionsMax} subscriptions already; end one first`;
}
