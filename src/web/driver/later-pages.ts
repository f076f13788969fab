import { lazy } from './lazy.tsx';

/**
 * Each page is fetched when it is needed, and one step ahead of that. What the first page of an address needs is named in the HTML that
 * this address is answered with (`vite.config.ts`), so that it comes together with the program itself.
 */
const loadFindPage = async () => (await import('./find-page.tsx')).FindPage;
export const loadNearbySearch = async () => (await import('./nearby-search.tsx')).NearbySearch;
const loadKeptOrderList = async () => (await import('./kept-order-list.tsx')).KeptOrderList;
export const loadStationPage = async () => (await import('./station-page.tsx')).StationPage;
export const loadReckoning = () => import('./reckoning.ts');
export const loadOrderPage = async () => (await import('./order-page.tsx')).OrderPage;

export const LazyFindPage = lazy(loadFindPage);
export const LazyNearbySearch = lazy(loadNearbySearch);
export const LazyKeptOrderList = lazy(loadKeptOrderList);
export const LazyStationPage = lazy(loadStationPage);
export const LazyOrderPage = lazy(loadOrderPage);

/** Fetches a step's code while the driver is busy; whether it comes, its own drawing shows. */
export const fetchAhead = (load: () => Promise<unknown>): void => void load().catch(() => undefined);
