import { useEffect, useRef, useState } from 'preact/hooks';
import type { PlacedOrderMessage } from '../../order/order.message.ts';
import type { PositionMessage, StationMessage } from '../../station/station.message.ts';
import { chooseLanguage, type Language, languages, say } from '../words.ts';
import { type Address, readAddress, writeAddress } from './address.ts';
import { LazyFindPage, LazyOrderPage, LazyStationPage } from './later-pages.ts';
import { PageContext, type PageTools, useWords } from './page-tools.ts';
import { TopBar } from './top-bar.tsx';

type AppProps = Pick<PageTools, 'cloud' | 'store' | 'shelf' | 'userAgent'>;

export type Found = { readonly station: StationMessage; readonly position: PositionMessage };
export type Placed = PlacedOrderMessage & { readonly method: string };

const languageName = 'forecourt.language';

/** Holds where the driver is, his language, and what one page found for the next; each page fetches for itself whatever is not given. */
export function App(props: AppProps) {
  const [address, setAddress] = useState(() => readAddress(window.location.pathname));
  const [language, setLanguage] = useState<Language>(() => readLanguage(props.store.getItem(languageName)));
  const [found, setFound] = useState<Found | null>(null);
  const [placed, setPlaced] = useState<Placed | null>(null);

  useEffect(() => {
    const follow = () => setAddress(readAddress(window.location.pathname));
    window.addEventListener('popstate', follow);
    return () => window.removeEventListener('popstate', follow);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = say(language, 'title');
  }, [language]);

  const main = useRef<HTMLElement>(null);
  const [opened] = useState(address);
  // A screen reader goes on at the top of the new page; at the first opening the browser begins there itself.
  useEffect(() => (address === opened ? undefined : main.current?.focus({ preventScroll: true })), [address]);

  const go: PageTools['go'] = (next, options = {}) => {
    if (options.replace === true) window.history.replaceState(null, '', writeAddress(next));
    else window.history.pushState(null, '', writeAddress(next));
    setAddress(next);
    window.scrollTo(0, 0);
  };
  const switchLanguage = () => {
    const next = languages.find((one) => one !== language) ?? language;
    props.store.setItem(languageName, next);
    setLanguage(next);
  };
  const takeStation = (next: Found) => {
    setFound(next);
    go({ at: 'station', stationNumber: next.station.stationNumber });
  };
  const takeOrder = (next: Placed) => {
    setPlaced(next);
    go({ at: 'order', orderId: next.order.orderId }, { replace: true });
  };

  return (
    <PageContext.Provider value={{ ...props, language, go }}>
      <TopBar onSwitchLanguage={switchLanguage} />
      <main key={writeAddress(address)} ref={main} tabIndex={-1}>
        <Page address={address} found={found} placed={placed} onStation={takeStation} onOrder={takeOrder} />
      </main>
    </PageContext.Provider>
  );
}

type PageProps = {
  readonly address: Address;
  readonly found: Found | null;
  readonly placed: Placed | null;
  readonly onStation: (found: Found) => void;
  readonly onOrder: (placed: Placed) => void;
};

function Page({ address, found, placed, onStation, onOrder }: PageProps) {
  const { words } = useWords();
  if (address.at === 'pump' || address.at === 'station')
    return <LazyStationPage address={address} found={found} onOrder={onOrder} />;
  if (address.at === 'order') {
    return (
      <LazyOrderPage orderId={address.orderId} placed={placed?.order.orderId === address.orderId ? placed : null} />
    );
  }
  return <LazyFindPage onStation={onStation} notice={address.at === 'unknown' ? words('page_unknown') : null} />;
}

function readLanguage(kept: string | null): Language {
  return languages.find((language) => language === kept) ?? chooseLanguage(navigator.languages ?? [navigator.language]);
}
