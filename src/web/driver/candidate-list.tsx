import type { NearbyMessage, StationMessage } from '../../station/station.message.ts';
import { formatDistance } from './format-distance.ts';
import { nearbyWords } from './nearby-words.ts';
import { useWords } from './page-tools.ts';

type CandidateListProps = {
  readonly candidates: NearbyMessage['candidates'];
  readonly onChoose: (station: StationMessage) => void;
};

/** The stations nearby, nearest first, each with what is written on its sign and where it lies from here. */
export function CandidateList({ candidates, onChoose }: CandidateListProps) {
  const { words, language } = useWords(nearbyWords);
  return (
    <section aria-labelledby="candidates">
      <h2 id="candidates">{words('candidates_heading')}</h2>
      <p class="hint">{words('candidates_hint')}</p>
      <ul class="rows">
        {candidates.map(({ station, distanceMeters, bearingDegrees }) => (
          <li key={station.stationNumber}>
            <button type="button" class="row" disabled={station.state === 'closed'} onClick={() => onChoose(station)}>
              <span class="row-text">
                <strong>{station.name}</strong>
                <span class="muted">{station.address}</span>
              </span>
              <span class="row-side">
                {station.state === 'closed'
                  ? words('station_closed_mark')
                  : formatDistance(language, distanceMeters, bearingDegrees)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
