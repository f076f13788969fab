import { formatInstant } from '../base/clock.ts';
import { findEventLog, findNewestTries, type LogLine } from '../outgoing/delivery.sql.ts';
import { type Command, type CommandInput, isSet, textOf, UsageError } from './command.ts';
import { type EventName, readEventId, readSubscriptionId } from './event-options.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';
import { readWhole } from './read-option.ts';
import { tableText } from './table-text.ts';

const linesMax = 10_000;

export const command: Command = {
  name: 'events log',
  summary: 'What became of events: each try with its status or error, its duration and the begin of the answer.',
  usage: '[options]',
  options: {
    subscription: { type: 'string', value: 'id', help: 'only the tries to this one' },
    event: { type: 'string', value: 'id', help: 'all tries of this event, and where it still waits' },
    limit: { type: 'string', value: 'number', help: 'so many of the newest tries', default: '100' },
    json: { type: 'boolean', help: 'print one JSON array' },
    ...databaseOptions,
  },
  notes: ['Events and their log are kept for 30 days.'],
  examples: ['forecourt events log', 'forecourt events log --subscription sub_6N26JG05KFSKW --limit 20 --json'],
  exitCodes: { 0: 'shown', [failureExitCode]: failureMeaning },
  async run(input) {
    const wish = readWish(input);
    return orFailure(command, input, async () => {
      const lines = await withDatabase(command, input, (db) =>
        wish.event === null
          ? findNewestTries(db, wish.subscriptionId, wish.limit)
          : findEventLog(db, wish.event.stationNumber, wish.event.eventId),
      );
      process.stdout.write(isSet(input, 'json') ? `${JSON.stringify(lines.map(toJson))}\n` : toText(lines));
      return 0;
    });
  },
};

type Wish = { readonly subscriptionId: string | null; readonly event: EventName | null; readonly limit: number };

function readWish(input: CommandInput): Wish {
  const subscription = textOf(command, input, 'subscription');
  const event = textOf(command, input, 'event');
  if (subscription !== undefined && event !== undefined)
    throw new UsageError('--subscription and --event exclude each other');
  return {
    subscriptionId: subscription === undefined ? null : readSubscriptionId([subscription]),
    event: event === undefined ? null : readEventId([event]),
    limit: readWhole('limit', textOf(command, input, 'limit') ?? '', 1, linesMax),
  };
}

const answerLengthShown = 60;

function toText(lines: readonly LogLine[]): string {
  if (lines.length === 0) return 'nothing was sent\n';
  const heading = ['time', 'event', 'type', 'subscription', 'try', 'result', 'ms', 'delivery', 'answer'];
  const rows = lines.map((line) => [
    line.triedAt === null ? '' : formatInstant(line.triedAt),
    line.eventId,
    line.type,
    line.subscriptionId,
    String(line.tryNumber ?? ''),
    String(line.status ?? line.error ?? 'not tried yet'),
    String(line.durationMs ?? ''),
    line.nextTryAt === null ? line.state : `next try ${formatInstant(line.nextTryAt)}`,
    shorten(line.answer ?? ''),
  ]);
  return tableText([heading, ...rows], [4, 6]);
}

/** On one line, with nothing in it that a terminal would obey. */
const shorten = (text: string): string =>
  text
    .replace(/[\p{C}\s]+/gu, ' ')
    .slice(0, answerLengthShown)
    .trim();

const toJson = (line: LogLine) => ({
  ...line,
  triedAt: line.triedAt === null ? null : formatInstant(line.triedAt),
  nextTryAt: line.nextTryAt === null ? null : formatInstant(line.nextTryAt),
});
