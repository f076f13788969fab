export type Progress = { show(done: number, what: string): void; end(): void };

const barCharacters = 30;
const redrawMs = 100;

/** A bar that redraws itself on a terminal; nothing elsewhere, where the command's last line tells the outcome. */
export function showProgress(stream: NodeJS.WriteStream, total: number, clock: () => number = Date.now): Progress {
  if (!stream.isTTY) return { show: () => undefined, end: () => undefined };
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    show(done, what) {
      const finished = done >= total;
      if (!finished && clock() - drawnAt < redrawMs) return;
      drawnAt = clock();
      const share = total === 0 ? 1 : Math.min(1, done / total);
      const bar = '#'.repeat(Math.round(share * barCharacters)).padEnd(barCharacters, '.');
      stream.write(`\r[${bar}] ${String(Math.floor(share * 100)).padStart(3)} %  ${what}\u001b[K`);
    },
    end() {
      if (drawnAt !== Number.NEGATIVE_INFINITY) stream.write('\n');
    },
  };
}
