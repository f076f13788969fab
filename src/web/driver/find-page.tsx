import { useEffect, useState } from 'preact/hooks';
import type { Found } from './app.tsx';
import { CodeForm } from './code-form.tsx';
import { findWords } from './find-words.ts';
import { readKeptOrders } from './kept-orders.ts';
import { fetchAhead, LazyKeptOrderList, LazyNearbySearch, loadNearbySearch, loadStationPage } from './later-pages.ts';
import { Notice } from './notice.tsx';
import { usePage, useWords } from './page-tools.ts';

type FindPageProps = { readonly onStation: (found: Found) => void; readonly notice: string | null };

/** Nothing is asked of the phone before the driver asks for it: the position is read at the tap, never at opening. */
export function FindPage({ onStation, notice }: FindPageProps) {
  const { store } = usePage();
  const { words } = useWords(findWords);
  const [search, setSearch] = useState({ count: 0, running: false });
  useEffect(() => {
    fetchAhead(loadNearbySearch);
    fetchAhead(loadStationPage);
  }, []);
  const begin = () =>
    setSearch(({ count, running }) => (running ? { count, running } : { count: count + 1, running: true }));
  const end = () => setSearch(({ count }) => ({ count, running: false }));
  const kept = readKeptOrders(store);

  return (
    <>
      <h1>{words('find_heading')}</h1>
      <p class="hint">{words('find_hint')}</p>
      {notice === null ? null : <Notice text={notice} />}
      <button type="button" class="first wide" aria-disabled={search.running} onClick={begin}>
        {words(search.running ? 'finding' : 'find_by_position')}
      </button>
      {search.count === 0 ? null : <LazyNearbySearch key={search.count} onStation={onStation} onEnd={end} />}
      <p class="or" aria-hidden="true">
        {words('or')}
      </p>
      <CodeForm />
      {kept.length === 0 ? null : <LazyKeptOrderList orders={kept} />}
    </>
  );
}
