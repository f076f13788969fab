import { useEffect, useRef } from 'preact/hooks';

export const refreshEveryMs = 5_000;

/** Does `work` at once, whenever `what` changes, and again every few seconds, as long as the page is seen; each time only after the time before has ended. */
export function useRefresh(work: (isCurrent: () => boolean) => Promise<void>, what: readonly unknown[]): void {
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
      if (!stopped) timer = setTimeout(() => void run(), refreshEveryMs);
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
