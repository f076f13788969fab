import { isRefusal, problemOf, type Refusal, type RefusalName, refuse } from '../base/problem.ts';
import type { Database } from '../database/database.ts';
import { candidateMax, locateStation } from '../journey/locate-station.ts';
import { toNearbyMessage } from '../station/describe-station.ts';
import type { Position } from '../station/position.ts';
import type { NearbyMessage } from '../station/station.message.ts';
import { findPositions, findStations } from '../station/station.sql.ts';
import { createStationIndex } from '../station/station-index.ts';
import { type Command, type CommandInput, isSet, requiredText, textOf } from './command.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';
import { readDatum, readNumber, readWhole } from './read-option.ts';

export const command: Command = {
  name: 'stations nearest',
  summary: 'Which stations are near a position, and may one be taken without asking?',
  usage: '--lat <degrees> --lon <degrees> --accuracy <metres> [options]',
  options: {
    lat: { type: 'string', value: 'degrees', help: 'latitude; write --lat=-33.9 for the south' },
    lon: { type: 'string', value: 'degrees', help: 'longitude; write --lon=-122.3 for the west' },
    accuracy: { type: 'string', value: 'metres', help: 'radius in which the phone believes itself to be' },
    datum: {
      type: 'string',
      value: 'datum',
      default: 'WGS-84',
      help: 'WGS-84, GCJ-02 (Amap, Tencent, WeChat) or BD-09 (Baidu)',
    },
    speed: { type: 'string', value: 'm/s', help: 'how fast the phone moves' },
    limit: {
      type: 'string',
      value: 'count',
      default: String(candidateMax),
      help: `at most so many stations, 1 to ${candidateMax}`,
    },
    json: { type: 'boolean', help: 'the answer of GET /v1/stations/nearby' },
    ...databaseOptions,
  },
  examples: [
    'forecourt stations nearest --lat 39.99612 --lon 116.4664 --accuracy 20 --data ./data',
    'forecourt stations nearest --lat 45.91763 --lon 6.12041 --accuracy 15 --speed 0 --json --database postgres://localhost/forecourt',
  ],
  exitCodes: {
    0: 'a station may be taken',
    1: 'none may be taken without asking; the reason is named',
    [failureExitCode]: failureMeaning,
  },
  async run(input) {
    const position = readPosition(input);
    const limit = readWhole('limit', requiredText(command, input, 'limit'), 1, candidateMax);
    return orFailure(command, input, async () => {
      const located = await withDatabase(command, input, (db) => locate(db, position));
      if (isRefusal(located)) return showRefusal(located.refusal, isSet(input, 'json'));
      return showNearby({ ...located, candidates: located.candidates.slice(0, limit) }, isSet(input, 'json'));
    });
  },
};

async function locate(db: Database, position: Position): Promise<NearbyMessage | Refusal> {
  const located = locateStation(createStationIndex(await findPositions(db)), { position });
  if (isRefusal(located)) return located;
  const numbers = located.candidates.map((candidate) => candidate.stationNumber);
  return toNearbyMessage(located, await findStations(db, numbers, Date.now()));
}

function readPosition(input: CommandInput): Position {
  const number = (name: string): number | undefined => {
    const text = textOf(command, input, name);
    return text === undefined ? undefined : readNumber(name, text);
  };
  return {
    latitude: readNumber('lat', requiredText(command, input, 'lat')),
    longitude: readNumber('lon', requiredText(command, input, 'lon')),
    datum: readDatum(requiredText(command, input, 'datum')),
    accuracyMeters: number('accuracy'),
    speedMetersPerSecond: number('speed'),
  };
}

function showNearby(nearby: NearbyMessage, json: boolean): number {
  process.stdout.write(json ? `${JSON.stringify(nearby)}\n` : toLines(nearby));
  return nearby.selected === null ? 1 : 0;
}

function showRefusal(name: RefusalName, json: boolean): number {
  process.stdout.write(json ? `${JSON.stringify(refuse(name))}\n` : `${name}: ${problemOf(name).en}\n`);
  return 1;
}

function toLines({ candidates, selected, reason }: NearbyMessage): string {
  const lines = candidates.map(({ distanceMeters, bearingDegrees, station }) => {
    const mark = station.stationNumber === selected ? '*' : ' ';
    const closed = station.state === 'closed' ? ' (closed)' : '';
    return `${mark} ${String(distanceMeters).padStart(4)} m ${String(bearingDegrees).padStart(3)}°  ${station.stationNumber}  ${station.name}${closed}, ${station.address}`;
  });
  return `${[...lines, reason === null ? `selected: ${selected}` : `selected: none (${reason})`].join('\n')}\n`;
}
