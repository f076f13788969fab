import { formatInstant } from '../base/clock.ts';
import { outgoingEventTypes } from '../outgoing/outgoing-event.ts';
import { listSubscriptions, type SubscriptionLine } from '../outgoing/subscription.sql.ts';
import { type Command, isSet } from './command.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';
import { tableText } from './table-text.ts';

export const command: Command = {
  name: 'events list',
  summary: 'Who is told what happens, and how each does.',
  usage: '[options]',
  options: { json: { type: 'boolean', help: 'print one JSON array' }, ...databaseOptions },
  examples: ['forecourt events list', 'forecourt events list --json'],
  exitCodes: { 0: 'shown', [failureExitCode]: failureMeaning },
  run: (input) =>
    orFailure(command, input, async () => {
      const lines = await withDatabase(command, input, listSubscriptions);
      process.stdout.write(isSet(input, 'json') ? `${JSON.stringify(lines.map(toJson))}\n` : toText(lines));
      return 0;
    }),
};

function toText(lines: readonly SubscriptionLine[]): string {
  if (lines.length === 0) return 'nobody is told\n';
  const heading = ['subscription', 'state', 'waiting', 'given up', 'stations', 'person', 'types', 'url'];
  const rows = lines.map((line) => [
    line.subscriptionId,
    describeState(line),
    String(line.waiting),
    String(line.givenUp),
    line.stationNumbers === null ? 'all' : line.stationNumbers.join(','),
    line.withPerson ? 'yes' : 'no',
    line.types.length === outgoingEventTypes.length ? 'all' : line.types.join(','),
    line.url,
  ]);
  return tableText([heading, ...rows], [2, 3]);
}

function describeState({ state, disabledBecause, failingSince }: SubscriptionLine): string {
  if (state === 'disabled') return `disabled: ${disabledBecause}`;
  return failingSince === null ? state : `failing since ${formatInstant(failingSince)}`;
}

/** Without the secrets. */
const toJson = (line: SubscriptionLine) => ({
  subscriptionId: line.subscriptionId,
  url: line.url,
  types: line.types,
  stationNumbers: line.stationNumbers,
  withPerson: line.withPerson,
  state: line.state,
  disabledBecause: line.disabledBecause,
  failingSince: line.failingSince === null ? null : formatInstant(line.failingSince),
  oldSecretUntil: line.oldSecretUntil === null ? null : formatInstant(line.oldSecretUntil),
  madeAt: formatInstant(line.madeAt),
  waiting: line.waiting,
  givenUp: line.givenUp,
});
