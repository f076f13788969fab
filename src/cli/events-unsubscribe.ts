import { endSubscription } from '../outgoing/subscription.sql.ts';
import type { Command } from './command.ts';
import { readSubscriptionId } from './event-options.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';

export const command: Command = {
  name: 'events unsubscribe',
  summary: 'Ends a subscription: nothing more is sent to it, and its secret is forgotten.',
  usage: 'SUBSCRIPTION [options]',
  options: databaseOptions,
  examples: ['forecourt events unsubscribe sub_6N26JG05KFSKW'],
  exitCodes: { 0: 'ended', 1: 'there is no such subscription', [failureExitCode]: failureMeaning },
  async run(input) {
    const subscriptionId = readSubscriptionId(input.positionals);
    return orFailure(command, input, async () => {
      const ended = await withDatabase(command, input, (db) => endSubscription(db, subscriptionId));
      if (ended) process.stdout.write(`${subscriptionId} has ended; what waited for it is dropped\n`);
      else process.stderr.write(`there is no subscription ${subscriptionId}\n`);
      return ended ? 0 : 1;
    });
  },
};
