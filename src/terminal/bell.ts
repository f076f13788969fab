/** Wakes the one who waits. A ring that nobody heard is kept, so that nothing that happened between two looks is missed. */
export type Bell = {
  ring(): void;
  /** Resolves at the next ring, at once where one was kept, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void>;
};

export function createBell(): Bell {
  let rung = false;
  let wake: (() => void) | null = null;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    wait(signal) {
      return new Promise((resolve) => {
        wake = () => {
          signal.removeEventListener('abort', finish);
          finish();
        };
        const finish = () => {
          rung = false;
          wake = null;
          resolve();
        };
        signal.addEventListener('abort', finish, { once: true });
        if (rung || signal.aborted) wake();
      });
    },
  };
}
