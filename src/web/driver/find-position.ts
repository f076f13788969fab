import type { PositionMessage } from '../../station/station.message.ts';

export type PositionRefusal = 'position_unsupported' | 'position_denied' | 'position_unavailable';

const positionWaitMaxMs = 10_000;
/** The browser's own limit does not count the time of its question, which may never be answered, and some WebViews never call back. */
const answerWaitMaxMs = 30_000;
/** A fix older than this may be from the road. */
const positionAgeMaxMs = 10_000;
const permissionDenied = 1;

/** Where the phone believes to be (browsers answer in WGS-84, W3C Geolocation 8.1), or why it cannot say. Asks the driver's leave. */
export function findPosition(geolocation: Geolocation | undefined): Promise<PositionMessage | PositionRefusal> {
  return new Promise((resolve) => {
    if (geolocation === undefined) {
      resolve('position_unsupported');
      return;
    }
    const timer = setTimeout(() => resolve('position_unavailable'), answerWaitMaxMs);
    const answer = (found: PositionMessage | PositionRefusal) => {
      clearTimeout(timer);
      resolve(found);
    };
    geolocation.getCurrentPosition(
      ({ coords }) => answer(readCoordinates(coords)),
      (error) => answer(error.code === permissionDenied ? 'position_denied' : 'position_unavailable'),
      { enableHighAccuracy: true, timeout: positionWaitMaxMs, maximumAge: positionAgeMaxMs },
    );
  });
}

type Coordinates = Pick<GeolocationCoordinates, 'latitude' | 'longitude' | 'accuracy' | 'speed'>;

const readCoordinates = ({ latitude, longitude, accuracy, speed }: Coordinates): PositionMessage => ({
  latitude,
  longitude,
  accuracyMeters: accuracy,
  datum: 'WGS-84',
  ...(typeof speed === 'number' && speed >= 0 ? { speedMetersPerSecond: speed } : {}),
});
