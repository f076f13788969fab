import { lazy } from './lazy.tsx';

/** The steps after the first; each step fetches the code of the next ahead. */
export const loadNearbySearch = async () => (await import('./nearby-search.tsx')).NearbySearch;
const loadKeptOrderList = async () => (await import('./kept-order-list.tsx')).KeptOrderList;
export const loadOrderForm = async () => (await import('./order-form.tsx')).OrderForm;
export const loadOrderPage = async () => (await import('./order-page.tsx')).OrderPage;

export const LazyNearbySearch = lazy(loadNearbySearch);
export const LazyKeptOrderList = lazy(loadKeptOrderList);
export const LazyOrderForm = lazy(loadOrderForm);
export const LazyOrderPage = lazy(loadOrderPage);

/** Fetches a step's code while the driver is busy; whether it comes, its own drawing shows. */
export const fetchAhead = (load: () => Promise<unknown>): void => void load().catch(() => undefined);
