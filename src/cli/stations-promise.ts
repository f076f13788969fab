import { minuteMs, systemClock } from '../base/clock.ts';
import { findPromises, removePromise, savePromise } from '../station/delivery-promise.sql.ts';
import { findStations } from '../station/station.sql.ts';
import { type Command, type CommandInput, isSet, textOf, UsageError } from './command.ts';
import { databaseOptions, withDatabase } from './open-database.ts';
import { readWhole } from './read-option.ts';

const minutesMax = 24 * 60;
const stationNumberMax = 2 ** 30 - 1;

export const command: Command = {
  name: 'stations promise',
  summary:
    'Sets within how many minutes a station promises the slip; where none is out by then, the money goes back by itself.',
  usage: '[options]',
  options: {
    ...databaseOptions,
    station: { type: 'string', value: 'number', help: 'the station; without it all promises are listed' },
    minutes: { type: 'string', value: 'number', help: `1 to ${minutesMax}` },
    none: { type: 'boolean', help: 'the station promises nothing any more' },
    json: { type: 'boolean', help: 'print one JSON array of all promises' },
  },
  examples: [
    'forecourt stations promise --station 1003 --minutes 15',
    'forecourt stations promise --station 1003 --none',
    'forecourt stations promise --json',
  ],
  exitCodes: { 0: 'done', 1: 'there is no such station' },
  run: (input) =>
    withDatabase(command, input, async (db) => {
      const wish = readWish(input);
      if (wish !== null) {
        const [station] = await findStations(db, [wish.stationNumber], systemClock());
        if (station === undefined) {
          process.stderr.write(`There is no station ${wish.stationNumber}.\n`);
          return 1;
        }
        if (wish.withinMs === null) await removePromise(db, wish.stationNumber);
        else await savePromise(db, { stationNumber: wish.stationNumber, withinMs: wish.withinMs }, systemClock());
      }
      const promises = await findPromises(db);
      const lines = promises.map((one) => `${one.stationNumber}  within ${one.withinMs / minuteMs} min\n`);
      process.stdout.write(isSet(input, 'json') ? `${JSON.stringify(promises)}\n` : lines.join('') || 'no promises\n');
      return 0;
    }),
};

/** Null: only look. */
function readWish(input: CommandInput): { readonly stationNumber: number; readonly withinMs: number | null } | null {
  const station = textOf(command, input, 'station');
  const minutes = textOf(command, input, 'minutes');
  const none = isSet(input, 'none');
  if (station === undefined) {
    if (minutes !== undefined || none) throw new UsageError('--minutes and --none need a --station');
    return null;
  }
  if ((minutes === undefined) !== none) throw new UsageError('say either --minutes or --none');
  return {
    stationNumber: readWhole('station', station, 1, stationNumberMax),
    withinMs: minutes === undefined ? null : readWhole('minutes', minutes, 1, minutesMax) * minuteMs,
  };
}
