import { useEffect, useState } from 'preact/hooks';
import type { TextStore } from '../driver/idempotency.ts';
import { readAddress, writeAddress } from './address.ts';
import { OrderCard } from './order-card.tsx';
import { OrderList } from './order-list.tsx';
import { useStaff, useStaffWords } from './staff-tools.ts';
import { StationChoice } from './station-choice.tsx';

const stationName = 'forecourt.station';

/** The station's orders on one side, the one that is looked at on the other; on a phone one at a time. */
export function Desk({ session, onShut }: { readonly session: TextStore; readonly onShut: () => void }) {
  const { me } = useStaff();
  const { words } = useStaffWords();
  const [stationNumber, setStationNumber] = useState(() => firstStation(session.getItem(stationName)));
  const { orderId, open } = useOpenOrder();
  const [changes, setChanges] = useState(0);

  function firstStation(kept: string | null): number | null {
    const number = Number(kept);
    if (kept !== null && (me.everywhere || me.stations.some((one) => one.stationNumber === number))) return number;
    return me.stations[0]?.stationNumber ?? null;
  }
  const choose = (number: number) => {
    session.setItem(stationName, String(number));
    setStationNumber(number);
    open(null);
  };

  return (
    <main class={orderId === null ? 'desk' : 'desk with-order'}>
      <div class="desk-list">
        <StationChoice stationNumber={stationNumber} onChoose={choose} />
        {stationNumber === null ? null : (
          <OrderList
            key={stationNumber}
            stationNumber={stationNumber}
            openId={orderId}
            changes={changes}
            onOpen={open}
            onShut={onShut}
          />
        )}
      </div>
      <div class="desk-order">
        {orderId === null ? (
          <p class="hint empty">{words('choose_order')}</p>
        ) : (
          <OrderCard
            key={orderId}
            orderId={orderId}
            onChange={() => setChanges((so) => so + 1)}
            onBack={() => open(null)}
            onShut={onShut}
          />
        )}
      </div>
    </main>
  );
}

/** Which order is open stands in the address, so that the browser's back button leads back to the list. */
function useOpenOrder() {
  const [orderId, setOrderId] = useState(() => readAddress(window.location.hash).orderId);
  useEffect(() => {
    const follow = () => setOrderId(readAddress(window.location.hash).orderId);
    window.addEventListener('popstate', follow);
    return () => window.removeEventListener('popstate', follow);
  }, []);
  const open = (next: string | null) => {
    if (next === orderId) return;
    window.history.pushState(null, '', writeAddress(window.location.pathname, next));
    setOrderId(next);
  };
  return { orderId, open };
}
