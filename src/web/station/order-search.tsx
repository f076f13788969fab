import { useState } from 'preact/hooks';
import { filterWordOf, orderStates } from './order-state.ts';
import type { OrderQuery } from './staff-calls.ts';
import { useStaffWords } from './staff-tools.ts';

/** What a person knows of an order, and in which state it should be. */
export function OrderSearch({
  query,
  onQuery,
}: {
  readonly query: OrderQuery;
  readonly onQuery: (query: OrderQuery) => void;
}) {
  const { words } = useStaffWords();
  const [typed, setTyped] = useState(query.search);
  const search = (text: string) => onQuery({ ...query, search: text.trim() });
  const showAll = () => {
    setTyped('');
    onQuery({ search: '', state: '' });
  };
  return (
    <form
      class="search"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        search(typed);
      }}
    >
      <div class="search-text">
        <label class="label" for="search">
          {words('search')}
        </label>
        <div class="together">
          <input
            id="search"
            type="search"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
            maxLength={64}
            autocomplete="off"
            spellcheck={false}
          />
          <button type="submit" class="second">
            {words('search_do')}
          </button>
        </div>
      </div>
      <div class="search-state">
        <label class="label" for="state">
          {words('only_state')}
        </label>
        <select
          id="state"
          value={query.state}
          onChange={(event) => onQuery({ ...query, state: event.currentTarget.value })}
        >
          <option value="">{words('any_state')}</option>
          {orderStates.map((state) => (
            <option key={state} value={state}>
              {words(filterWordOf(state))}
            </option>
          ))}
        </select>
      </div>
      {query.search === '' && query.state === '' ? null : (
        <button type="button" class="link" onClick={showAll}>
          {words('search_end')}
        </button>
      )}
    </form>
  );
}
