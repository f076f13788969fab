/** A request body with the key it was sent under, kept while nobody knows whether it arrived. */
export type KeyedBody = { readonly body: string; readonly key: string };

export type RandomBytes = (byteCount: number) => Uint8Array;

const keyBytes = 16;

/** The same body keeps its key, so that a second sending cannot make a second order; another body gets a new one. */
export function keyFor(body: string, before: KeyedBody | null, random: RandomBytes): KeyedBody {
  if (before !== null && before.body === body) return before;
  const key = Array.from(random(keyBytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { body, key };
}

export type TextStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Remembers one keyed body a name over a reload of the page. A phone that forbids storage forgets at reload, no worse. */
export function readKeyed(store: TextStore, name: string): KeyedBody | null {
  const [key, ...body] = (store.getItem(`forecourt.key.${name}`) ?? '').split('\n');
  return key === undefined || key === '' ? null : { key, body: body.join('\n') };
}

export const writeKeyed = (store: TextStore, name: string, { key, body }: KeyedBody): void =>
  store.setItem(`forecourt.key.${name}`, `${key}\n${body}`);

export const forgetKeyed = (store: TextStore, name: string): void => store.removeItem(`forecourt.key.${name}`);
