import { useEffect, useState } from 'preact/hooks';
import type { NearbyMessage, PositionMessage } from '../../station/station.message.ts';
import type { Found } from './app.tsx';
import { CandidateList } from './candidate-list.tsx';
import type { Cloud } from './cloud.ts';
import { type Failure, textOf } from './failure-text.ts';
import { findNearby } from './find-nearby.ts';
import { findPosition, type PositionRefusal } from './find-position.ts';
import { isNearbyWord, nearbyWords } from './nearby-words.ts';
import { Notice } from './notice.tsx';
import { usePage, useWords } from './page-tools.ts';

type NearbySearchProps = { readonly onStation: (found: Found) => void; readonly onEnd: () => void };

/** One search by position, begun when drawn: straight on to the station that the cloud selects, else the candidates and why none was selected. */
export function NearbySearch({ onStation, onEnd }: NearbySearchProps) {
  const { cloud } = usePage();
  const { words, language } = useWords(nearbyWords);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  async function begin(): Promise<void> {
    const found = await search(cloud);
    onEnd();
    if (found.kind === 'selected') onStation(found);
    else setOutcome(found);
  }
  useEffect(() => {
    void begin();
  }, []);

  if (outcome === null || outcome.kind === 'selected') return null;
  if (outcome.kind === 'no_position') return <Notice text={words(outcome.why)} />;
  if (outcome.kind !== 'nearby') return <Notice text={textOf(outcome, language)} />;
  const { candidates, reason } = outcome.nearby;
  const why = reason ?? (candidates.length === 0 ? 'no_station_in_range' : 'station_ambiguous');
  return (
    <>
      {isNearbyWord(why) ? <Notice tone={candidates.length > 0 ? 'calm' : 'warn'} text={words(why)} /> : null}
      {candidates.length > 0 ? (
        <CandidateList
          candidates={candidates}
          onChoose={(station) => onStation({ station, position: outcome.position })}
        />
      ) : null}
    </>
  );
}

type Outcome =
  | Failure
  | ({ readonly kind: 'selected' } & Found)
  | { readonly kind: 'no_position'; readonly why: PositionRefusal }
  | { readonly kind: 'nearby'; readonly nearby: NearbyMessage; readonly position: PositionMessage };

async function search(cloud: Cloud): Promise<Outcome> {
  const position = await findPosition(navigator.geolocation);
  if (typeof position === 'string') return { kind: 'no_position', why: position };
  const answer = await findNearby(cloud, position);
  if (answer.kind !== 'answered') return answer;
  const nearby = answer.body;
  const selected = nearby.candidates.find(({ station }) => station.stationNumber === nearby.selected);
  return selected === undefined
    ? { kind: 'nearby', nearby, position }
    : { kind: 'selected', station: selected.station, position };
}
