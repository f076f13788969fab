import type { TextStore } from './idempotency.ts';

/**
 * The phone's storage where it has one that works; private windows and some WebViews throw at the first touch or at the first writing,
 * then texts are kept as long as the page lives.
 */
export function openStore(open: () => TextStore): TextStore {
  try {
    const store = open();
    store.setItem('forecourt.try', '1');
    store.removeItem('forecourt.try');
    return store;
  } catch {
    return memoryStore();
  }
}

export function memoryStore(): TextStore {
  const texts = new Map<string, string>();
  return {
    getItem: (name) => texts.get(name) ?? null,
    setItem: (name, text) => void texts.set(name, text),
    removeItem: (name) => void texts.delete(name),
  };
}
