const endingsMax = 1000;

/** How the next refunds shall end, where somebody has ordered it; the first ordered is the first used. */
export type OrderedEndings<Ending extends string> = {
  /** Beyond `endingsMax` waiting ones nothing is added. */
  order(ending: Ending, times: number): void;
  take(): Ending | null;
};

export function createOrderedEndings<Ending extends string>(): OrderedEndings<Ending> {
  const endings: Ending[] = [];
  return {
    order(ending, times) {
      const room = Math.min(times, endingsMax - endings.length);
      endings.push(...Array.from({ length: room }, () => ending));
    },
    take: () => endings.shift() ?? null,
  };
}
