import type { NearbyMessage, PositionMessage } from '../../station/station.message.ts';
import type { Answer, Cloud } from './cloud.ts';

/** The stations near a position, and the one that the cloud would take without asking. */
export const findNearby = (cloud: Cloud, position: PositionMessage): Promise<Answer<NearbyMessage>> =>
  cloud.get(`/v1/stations/nearby?${queryOf(position)}`);

function queryOf(position: PositionMessage): string {
  const query = new URLSearchParams({
    latitude: String(position.latitude),
    longitude: String(position.longitude),
    datum: position.datum,
  });
  if (position.accuracyMeters !== undefined) query.set('accuracy', String(position.accuracyMeters));
  if (position.speedMetersPerSecond !== undefined) query.set('speed', String(position.speedMetersPerSecond));
  return query.toString();
}
