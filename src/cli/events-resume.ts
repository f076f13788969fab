import { resumeSubscription } from '../outgoing/subscription.sql.ts';
import type { Command } from './command.ts';
import { readSubscriptionId } from './event-options.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';

export const command: Command = {
  name: 'events resume',
  summary: 'Serves a disabled subscription again, beginning with what still waits for it.',
  usage: 'SUBSCRIPTION [options]',
  options: databaseOptions,
  notes: ['What happened while it was disabled was not kept for it.'],
  examples: ['forecourt events resume sub_6N26JG05KFSKW'],
  exitCodes: { 0: 'resumed', 1: 'there is no such disabled subscription', [failureExitCode]: failureMeaning },
  async run(input) {
    const subscriptionId = readSubscriptionId(input.positionals);
    return orFailure(command, input, async () => {
      const resumed = await withDatabase(command, input, (db) => resumeSubscription(db, subscriptionId));
      if (resumed) process.stdout.write(`${subscriptionId} is served again\n`);
      else process.stderr.write(`there is no disabled subscription ${subscriptionId}\n`);
      return resumed ? 0 : 1;
    });
  },
};
