import { useEffect, useState } from 'preact/hooks';
import { loadReckoning } from './later-pages.ts';

export type Reckoning = Awaited<ReturnType<typeof loadReckoning>>;

/** What reckons and sends the order, fetched once the form is drawn; null until then, `'lost'` where it does not come through. */
export function useReckoning(): Reckoning | 'lost' | null {
  const [reckoning, setReckoning] = useState<Reckoning | 'lost' | null>(null);
  useEffect(() => {
    loadReckoning().then(setReckoning, () => setReckoning('lost'));
  }, []);
  return reckoning;
}
