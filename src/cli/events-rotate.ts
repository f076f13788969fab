import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { formatSecret, makeSecret } from '../outgoing/subscription.ts';
import { rotateSecret } from '../outgoing/subscription.sql.ts';
import { type Command, isSet } from './command.ts';
import { readSubscriptionId } from './event-options.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';

export const command: Command = {
  name: 'events rotate',
  summary: 'Gives a subscription a new secret; the old one signs beside it for 24 hours.',
  usage: 'SUBSCRIPTION [options]',
  options: { json: { type: 'boolean', help: 'print one JSON object' }, ...databaseOptions },
  notes: [
    'The secret is printed this once. Rotated again within the 24 hours, the oldest of the three signs no more at once.',
  ],
  examples: ['forecourt events rotate sub_6N26JG05KFSKW'],
  exitCodes: { 0: 'rotated', 1: 'there is no such subscription', [failureExitCode]: failureMeaning },
  async run(input) {
    const subscriptionId = readSubscriptionId(input.positionals);
    const secret = makeSecret(systemRandom);
    return orFailure(command, input, async () => {
      const rotated = await withDatabase(command, input, (db) =>
        rotateSecret(db, subscriptionId, secret, systemClock()),
      );
      if (!rotated) {
        process.stderr.write(`there is no subscription ${subscriptionId}\n`);
        return 1;
      }
      process.stdout.write(
        isSet(input, 'json')
          ? `${JSON.stringify({ subscriptionId, secret: formatSecret(secret) })}\n`
          : `secret  ${formatSecret(secret)}\n`,
      );
      return 0;
    });
  },
};
