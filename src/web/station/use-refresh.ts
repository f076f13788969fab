import { useEffect, useRef } from 'preact/hooks';

/** How often what is looked at is read again, and how often a search, which costs the cloud more. */
export const refreshMs = 5_000;
export const searchAgainMs = 30_000;

/** Does `work` at once, whenever `what` changes, and again so long after it, as long as the page is seen; each time only after the time before has ended. */
export function useRefresh(
  work: (isCurrent: () => boolean) => Promise<void>,
  everyMs: number,
  what: readonly unknown[],
): void {
  const newest = useRef(work);
  newest.current = work;
  useEffect(() => {
    let stopped = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let running = false;
    const run = async () => {
      clearTimeout(timer);
      if (stopped || running || document.hidden) return;
      running = true;
      await newest.current(() => !stopped);
      running = false;
      if (!stopped) timer = setTimeout(() => void run(), everyMs);
    };
    const look = () => void run();
    void run();
    document.addEventListener('visibilitychange', look);
    return () => {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, what);
}
