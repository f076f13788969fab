import { useEffect, useState } from 'preact/hooks';
import type { StationMessage } from '../../station/station.message.ts';
import type { Address } from './address.ts';
import type { Found, Placed } from './app.tsx';
import type { Cloud } from './cloud.ts';
import { type Failure, textOf } from './failure-text.ts';
import { formWords } from './form-words.ts';
import { Notice } from './notice.tsx';
import { OrderForm } from './order-form.tsx';
import { usePage, useWords } from './page-tools.ts';

type StationAddress = Extract<Address, { readonly at: 'pump' | 'station' }>;
type Loaded = { readonly station: StationMessage; readonly pump: number | null };
type StationPageProps = {
  readonly address: StationAddress;
  readonly found: Found | null;
  readonly onOrder: (placed: Placed) => void;
};

/** The station of the address, named so that the driver can compare it with the sign, and the order form. */
export function StationPage({ address, found, onOrder }: StationPageProps) {
  const { cloud, go } = usePage();
  const { words, language } = useWords(formWords);
  const here = address.at === 'station' && found?.station.stationNumber === address.stationNumber ? found : null;
  const [loaded, setLoaded] = useState<Loaded | null>(here === null ? null : { station: here.station, pump: null });
  const [failure, setFailure] = useState<Failure | null>(null);

  async function load(): Promise<void> {
    setFailure(null);
    const answer = await readStation(cloud, address);
    if ('station' in answer) setLoaded(answer);
    else setFailure(answer);
  }
  useEffect(() => {
    if (loaded === null) void load();
  }, []);

  if (failure !== null) {
    const lasting = failure.kind === 'refused';
    return (
      <Notice
        text={textOf(failure, language)}
        action={words(lasting ? 'start_again' : 'try_again')}
        onAction={() => (lasting ? go({ at: 'find' }) : void load())}
      />
    );
  }
  if (loaded === null) return <p class="loading">{words('loading')}</p>;
  const { station, pump } = loaded;
  return (
    <>
      <StationHead station={station} />
      {station.state === 'closed' ? (
        <Notice text={words('station_is_closed')} action={words('start_again')} onAction={() => go({ at: 'find' })} />
      ) : (
        <OrderForm
          station={station}
          pump={pump}
          position={here?.position ?? null}
          onPriceChange={(changed) => setLoaded({ station: changed, pump })}
          onOrder={onOrder}
        />
      )}
    </>
  );
}

function StationHead({ station }: { readonly station: StationMessage }) {
  const { go } = usePage();
  const { words } = useWords(formWords);
  return (
    <header class="station">
      <h1>{station.name}</h1>
      <p class="muted">{station.address}</p>
      <button type="button" class="link" onClick={() => go({ at: 'find' })}>
        {words('other_station')}
      </button>
    </header>
  );
}

type PumpMessage = { readonly station: StationMessage; readonly pump: number };

async function readStation(cloud: Cloud, address: StationAddress): Promise<Loaded | Failure> {
  if (address.at === 'pump') {
    const answer = await cloud.get<PumpMessage>(`/v1/pumps/${address.pumpCode}`);
    return answer.kind === 'answered' ? answer.body : answer;
  }
  const answer = await cloud.get<StationMessage>(`/v1/stations/${address.stationNumber}`);
  return answer.kind === 'answered' ? { station: answer.body, pump: null } : answer;
}
