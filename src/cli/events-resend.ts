import { systemClock } from '../base/clock.ts';
import { resendEvent } from '../outgoing/delivery.sql.ts';
import type { Command } from './command.ts';
import { readEventId } from './event-options.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';

export const command: Command = {
  name: 'events resend',
  summary: 'Sends an event once more to every active subscription that it was meant for, delivered or not.',
  usage: 'EVENT [options]',
  options: databaseOptions,
  notes: ['The id stays the same: a receiver that has seen the event knows it again.'],
  examples: ['forecourt events resend evt_0000ZB1JQ4Y6H7K8M9N0P1Q2_6N26JG05KFSKW'],
  exitCodes: {
    0: 'it is sent again',
    1: 'there is no such event, it is older than 30 days, or none of its subscriptions is active',
    [failureExitCode]: failureMeaning,
  },
  async run(input) {
    const { stationNumber, eventId } = readEventId(input.positionals);
    return orFailure(command, input, async () => {
      const subscriptions = await withDatabase(command, input, (db) =>
        resendEvent(db, stationNumber, eventId, systemClock()),
      );
      for (const subscriptionId of subscriptions) process.stdout.write(`${eventId} goes to ${subscriptionId} again\n`);
      if (subscriptions.length === 0) process.stderr.write(`${eventId} has nobody to go to, or is gone\n`);
      return subscriptions.length > 0 ? 0 : 1;
    });
  },
};
