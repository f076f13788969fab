import { z } from 'zod';

/** What crosses the wire of a station. Prices and volumes are decimal strings, times RFC 3339 UTC. */

export const datumMessage = z.enum(['WGS-84', 'GCJ-02', 'BD-09']);

export const positionMessage = z.object({
  latitude: z.number(),
  longitude: z.number(),
  /** Radius in metres in which the phone believes itself to be. Checked by name (`accuracy_missing`), hence optional here. */
  accuracyMeters: z.number().optional(),
  datum: datumMessage.default('WGS-84'),
  speedMetersPerSecond: z.number().optional(),
});

export const gradeMessage = z.object({
  grade: z.string(),
  officialPrice: z.string().nullable(),
  pumpPrice: z.string(),
  memberPrice: z.string().nullable(),
  validFrom: z.string(),
  validUntil: z.string().nullable(),
});

export const nozzleMessage = z.object({ pump: z.int(), nozzle: z.int(), grade: z.string() });

export const stationMessage = z.object({
  stationNumber: z.int(),
  name: z.string(),
  brand: z.string().nullable(),
  address: z.string(),
  latitude: z.number(),
  longitude: z.number(),
  timeZone: z.string(),
  currency: z.string(),
  unit: z.enum(['l', 'gal-us', 'gal-uk', 'kg']),
  priceResolution: z.string(),
  volumeStep: z.string(),
  rounding: z.enum(['half-up', 'half-even', 'down', 'up']),
  orderMoneyMin: z.string(),
  orderMoneyMax: z.string(),
  orderVolumeMax: z.string(),
  state: z.enum(['open', 'closed']),
  methods: z.array(z.string()),
  nozzles: z.array(nozzleMessage),
  grades: z.array(gradeMessage),
});

export const nearbyMessage = z.object({
  /** Nearest first, at most three. */
  candidates: z.array(z.object({ distanceMeters: z.number(), bearingDegrees: z.number(), station: stationMessage })),
  /** The station number that may be taken without asking, or null: then the driver chooses. */
  selected: z.int().nullable(),
  /** Why none was selected: `station_ambiguous`, `position_too_vague`, `moving_too_fast`, `no_station_in_range`. */
  reason: z.string().nullable(),
});

export type PositionMessage = z.infer<typeof positionMessage>;
export type StationMessage = z.infer<typeof stationMessage>;
export type GradeMessage = z.infer<typeof gradeMessage>;
export type NearbyMessage = z.infer<typeof nearbyMessage>;
