import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../base/random.ts';

export type RetryLimits = { readonly firstMs: number; readonly maxMs: number };

/** After `failures` failures in a row (1 or more): twice as long each time up to the limit, less a random half, so that a thousand terminals do not knock together. */
export function retryDelayMs(failures: number, limits: RetryLimits, random: Random): number {
  const fullMs = Math.min(limits.maxMs, limits.firstMs * 2 ** Math.min(failures - 1, 30));
  const [chance = 0] = random(1);
  return Math.round(fullMs * (0.5 + chance / 510));
}

/** Resolves after `ms`, or at once when `signal` aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Aborts when `parent` does, or when nobody called `extend` for `ms`. `end` it always: it holds a timer. */
export type Deadline = { readonly signal: AbortSignal; extend(): void; end(): void };

export function createDeadline(ms: number, parent: AbortSignal): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error(`silent for ${ms} ms`)), ms);
  const follow = () => controller.abort(parent.reason);
  parent.addEventListener('abort', follow, { once: true });
  if (parent.aborted) follow();
  return {
    signal: controller.signal,
    extend: () => void timer.refresh(),
    end() {
      clearTimeout(timer);
      parent.removeEventListener('abort', follow);
    },
  };
}

/** What went wrong with a call, in one line: `fetch` hides the reason in `cause`. */
export function sayError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
