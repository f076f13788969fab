import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Puts whoever's button has just gone from the page to `place`, which is where a screen reader goes on. Whoever had the focus nowhere is left alone. */
export function useLostFocus(place: RefObject<HTMLElement | null>): void {
  const last = useRef<EventTarget | null>(null);
  useEffect(() => {
    const note = ({ target }: FocusEvent) => {
      last.current = target;
    };
    document.addEventListener('focusin', note);
    return () => document.removeEventListener('focusin', note);
  }, []);
  useEffect(() => {
    const isGone = last.current instanceof Node && !last.current.isConnected;
    if (!isGone || document.activeElement !== document.body) return;
    last.current = null;
    place.current?.focus({ preventScroll: true });
  });
}
