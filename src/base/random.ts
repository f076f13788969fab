import { randomFillSync } from 'node:crypto';

/** So many unpredictable bytes. Rules and steps take it as an argument, so that a seeded run can replay a day. */
export type Random = (byteCount: number) => Uint8Array;

/** The machine's own randomness, drawn in blocks: one call into the kernel serves many ids. */
export const systemRandom: Random = makeBlockRandom(4096);

function makeBlockRandom(blockBytes: number): Random {
  const block = new Uint8Array(blockBytes);
  let used = blockBytes;
  return (byteCount) => {
    if (byteCount > blockBytes) return randomFillSync(new Uint8Array(byteCount));
    if (used + byteCount > blockBytes) {
      randomFillSync(block);
      used = 0;
    }
    const bytes = block.slice(used, used + byteCount);
    block.fill(0, used, used + byteCount);
    used += byteCount;
    return bytes;
  };
}
