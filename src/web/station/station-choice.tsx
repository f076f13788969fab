import { useState } from 'preact/hooks';
import { useStaff, useStaffWords } from './staff-tools.ts';

type StationChoiceProps = {
  readonly stationNumber: number | null;
  readonly onChoose: (stationNumber: number) => void;
};

/** Which of his stations the member looks at; one who works everywhere names it by its number. */
export function StationChoice({ stationNumber, onChoose }: StationChoiceProps) {
  const { me } = useStaff();
  const { words } = useStaffWords();
  if (me.everywhere) return <StationByNumber stationNumber={stationNumber} onChoose={onChoose} />;
  if (me.stations.length < 2) return <h1>{me.stations[0]?.name ?? ''}</h1>;
  return (
    <div>
      <label class="label" for="station">
        {words('station')}
      </label>
      <select
        id="station"
        value={String(stationNumber)}
        onChange={(event) => onChoose(Number(event.currentTarget.value))}
      >
        {me.stations.map((one) => (
          <option key={one.stationNumber} value={String(one.stationNumber)}>
            {one.name} ({one.stationNumber})
          </option>
        ))}
      </select>
    </div>
  );
}

function StationByNumber({ stationNumber, onChoose }: StationChoiceProps) {
  const { words } = useStaffWords();
  const [typed, setTyped] = useState(stationNumber === null ? '' : String(stationNumber));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (/^[1-9]\d{0,9}$/.test(typed.trim())) onChoose(Number(typed.trim()));
      }}
    >
      <label class="label" for="station">
        {words('station_number')}
      </label>
      <div class="together">
        <input
          id="station"
          inputMode="numeric"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="submit" class="second">
          {words('show')}
        </button>
      </div>
    </form>
  );
}
