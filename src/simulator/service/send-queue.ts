export type SendQueue = {
  /** Runs a task as soon as there is room. After `close` nothing is run. */
  run(task: () => Promise<void>): void;
  /** Resolves when nothing waits and nothing runs. */
  settled(): Promise<void>;
  close(): void;
};

/** At most `inFlightMax` tasks at once, in their order. A task that throws is a defect and comes out as an unhandled rejection. */
export function createSendQueue(inFlightMax: number): SendQueue {
  const waiting: (() => Promise<void>)[] = [];
  let inFlight = 0;
  let closed = false;
  let idle: (() => void)[] = [];

  function startTasks(): void {
    while (inFlight < inFlightMax) {
      const task = waiting.shift();
      if (task === undefined) break;
      inFlight += 1;
      void task().finally(() => {
        inFlight -= 1;
        startTasks();
      });
    }
    if (inFlight > 0) return;
    for (const resolve of idle) resolve();
    idle = [];
  }

  return {
    run(task) {
      if (closed) return;
      waiting.push(task);
      startTasks();
    },
    settled: () => (inFlight === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
    close() {
      closed = true;
      waiting.length = 0;
    },
  };
}
