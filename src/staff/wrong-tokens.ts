import type { Clock } from '../base/clock.ts';

/** So many wrong tokens may come from one address within the window; then none of it is looked at until the window is over. */
export const wrongTokensMax = 20;
export const wrongTokensWindowMs = 10 * 60_000;
/** Beyond so many addresses the one that was heard of first is forgotten. */
export const addressesRememberedMax = 10_000;

/** Counts wrong tokens by the address that they came from, each node for itself. */
export type WrongTokens = {
  /** How long this address must wait, in ms; 0 where it need not. */
  waitMs(address: string): number;
  /** One more; true where this was the one too many. */
  count(address: string): boolean;
};

type Tally = { readonly tokens: number; readonly until: number };

export function countWrongTokens(now: Clock): WrongTokens {
  const tallies = new Map<string, Tally>();

  function current(address: string): Tally | undefined {
    const tally = tallies.get(address);
    if (tally === undefined || tally.until > now()) return tally;
    tallies.delete(address);
    return undefined;
  }

  return {
    waitMs(address) {
      const tally = current(address);
      return tally === undefined || tally.tokens < wrongTokensMax ? 0 : tally.until - now();
    },
    count(address) {
      const tally = current(address) ?? { tokens: 0, until: now() + wrongTokensWindowMs };
      const oldest = tallies.keys().next();
      if (!tallies.has(address) && tallies.size >= addressesRememberedMax && oldest.done !== true)
        tallies.delete(oldest.value);
      tallies.set(address, { ...tally, tokens: tally.tokens + 1 });
      return tally.tokens + 1 === wrongTokensMax;
    },
  };
}
