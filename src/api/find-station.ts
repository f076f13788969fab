import { z } from 'zod';
import { readPumpCode } from '../base/ids.ts';
import { isRefusal, type Refusal, refuse } from '../base/problem.ts';
import type { Journey } from '../journey/journey.ts';
import { locateStation } from '../journey/locate-station.ts';
import { toNearbyMessage, toStationMessage } from '../station/describe-station.ts';
import type { Station } from '../station/station.ts';
import { datumMessage, nearbyMessage, stationMessage } from '../station/station.message.ts';
import { findStations } from '../station/station.sql.ts';
import { type Reply, type Route, route } from './route.ts';

/** What anyone may ask of stations: nearby, by number, by the code on the pump. */
export function findStationRoutes(journey: Journey): readonly Route[] {
  return [
    route('GET', '/v1/stations/nearby', {
      summary: 'Stations near a position, nearest first, and the one that may be taken without asking.',
      caller: 'anyone',
      query: nearbyQuery,
      answer: { schema: nearbyMessage },
      refusals: ['position_invalid', 'accuracy_missing'],
      handle: ({ query }) => showNearby(journey, query),
    }),
    route('GET', '/v1/stations/:number', {
      summary: 'A station with its pumps, nozzles, grades and the prices that are valid now.',
      caller: 'anyone',
      answer: { schema: stationMessage },
      refusals: ['station_unknown'],
      handle: ({ params }) => showStation(journey, readStationNumber(params['number'] ?? '')),
    }),
    route('GET', '/v1/pumps/:code', {
      summary: 'The station and the pump that a pump code stands for.',
      caller: 'anyone',
      answer: { schema: z.object({ station: stationMessage, pump: z.int() }) },
      refusals: ['pump_code_invalid', 'station_unknown'],
      handle: ({ params }) => showPump(journey, params['code'] ?? ''),
    }),
  ];
}

/** A decimal as a phone writes it; empty, hexadecimal or blank is none. */
const number = z
  .string()
  .regex(/^-?\d{1,9}(\.\d{1,20})?(e-?\d{1,2})?$/)
  .transform(Number);

/** 0, which no station has, where the text is no plain whole number. */
const readStationNumber = (text: string): number => (/^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0);

const nearbyQuery = z.object({
  latitude: number,
  longitude: number,
  accuracy: number.optional(),
  speed: number.optional(),
  datum: datumMessage.default('WGS-84'),
});

async function showNearby(journey: Journey, query: z.infer<typeof nearbyQuery>): Promise<Reply | Refusal> {
  const { latitude, longitude, accuracy, speed, datum } = query;
  const position = { latitude, longitude, datum, accuracyMeters: accuracy, speedMetersPerSecond: speed };
  const location = locateStation(journey.stations.index(), { position });
  if (isRefusal(location)) return location;
  const numbers = location.candidates.map((one) => one.stationNumber);
  const stations = await findStations(journey.db, numbers, journey.now());
  return { status: 200, json: toNearbyMessage(location, stations, (station) => journey.services.offered(station)) };
}

async function showStation(journey: Journey, stationNumber: number): Promise<Reply | Refusal> {
  if (journey.stations.index().find(stationNumber) === undefined) return refuse('station_unknown');
  const [station] = await findStations(journey.db, [stationNumber], journey.now());
  return station === undefined ? refuse('station_unknown') : { status: 200, json: describe(journey, station) };
}

async function showPump(journey: Journey, code: string): Promise<Reply | Refusal> {
  const named = readPumpCode(code);
  if (named === null) return refuse('pump_code_invalid');
  const [station] = await findStations(journey.db, [named.stationNumber], journey.now());
  if (station === undefined) return refuse('station_unknown');
  return { status: 200, json: { station: describe(journey, station), pump: named.pump } };
}

const describe = (journey: Journey, station: Station) => toStationMessage(station, journey.services.offered(station));
