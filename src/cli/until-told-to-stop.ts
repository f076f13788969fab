const signals = ['SIGINT', 'SIGTERM'] as const;

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once, as a person who presses twice expects. */
export function untilToldToStop(): Promise<void> {
  return new Promise((resolve) => {
    const told = (): void => {
      for (const signal of signals) process.off(signal, told);
      resolve();
    };
    for (const signal of signals) process.on(signal, told);
  });
}
