import { join } from 'node:path';
import { type Clock, dayMs, minuteMs, secondMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { PermitDevice } from '../device/device.ts';
import { createBell } from './bell.ts';
import { type Journal, type JournalCounts, openJournal } from './journal.ts';
import { followFeed, type LinkLimits } from './link.ts';
import { printPermits } from './print-permits.ts';
import { reportPermits, type ReportLimits } from './report-permits.ts';
import { type RetryLimits, sayError } from './retry.ts';
import { openTerminalKey } from './terminal-key.ts';
import type { TerminalLog } from './terminal-log.ts';

export type TerminalLimits = {
  readonly link: LinkLimits;
  readonly reports: ReportLimits;
  readonly printRetry: RetryLimits;
  /** What is settled stays in the journal for this long. */
  readonly journalKeptMs: number;
};

export const terminalLimits: TerminalLimits = {
  link: {
    retry: { firstMs: 250, maxMs: 15 * secondMs },
    silenceMsMax: 45 * secondMs,
    steadyMs: 5 * secondMs,
    refusedRetryMs: 15 * secondMs,
  },
  reports: { retry: { firstMs: 250, maxMs: 15 * secondMs }, answerMsMax: 10 * secondMs },
  printRetry: { firstMs: 250, maxMs: 5 * secondMs },
  journalKeptMs: 30 * dayMs,
};

export type TerminalOptions = {
  /** Where key and journal are kept. It belongs to one terminal: a second start on it throws. */
  readonly folder: string;
  readonly cloudUrl: URL;
  /** Stays the caller's: close it after `stop`. */
  readonly device: PermitDevice;
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch: typeof fetch;
  readonly log: TerminalLog;
  readonly limits?: TerminalLimits;
};

export type Terminal = {
  readonly terminalId: string;
  /** Base64url of the Ed25519 public key's 32 bytes, to be enrolled at the cloud. */
  readonly publicKey: string;
  readonly status: () => { readonly linked: boolean; readonly lastSequence: number } & JournalCounts;
  /** Ends link and reports at once, waits for the slip that is at the device, closes the journal. What is not done goes on at the next start. */
  readonly stop: () => Promise<void>;
};

const forgetEveryMs = 60 * minuteMs;

/** The station's program: what the cloud sends is journaled, issued by the device in order, and reported back. */
export async function startTerminal(options: TerminalOptions): Promise<Terminal> {
  const { folder, device, clock, random, log, limits = terminalLimits } = options;
  const key = await openTerminalKey(folder);
  const journal = openJournal({ path: join(folder, 'journal.sqlite'), deviceId: device.id, random });
  const doubtful = journal.giveUpPrinting(clock());
  if (doubtful.length > 0)
    log.warn({ permitIds: doubtful }, 'the terminal ended while these were being printed; staff must look');

  const cloud = { url: options.cloudUrl, key, clock, fetch: options.fetch };
  const permitsCame = createBell();
  const reportsCame = createBell();
  const ending = new AbortController();
  const shared = { cloud, journal, device, clock, random, log, permitsCame, reportsCame, signal: ending.signal };
  let linked = false;
  const working = Promise.all([
    followFeed({
      ...shared,
      limits: limits.link,
      recorded() {
        permitsCame.ring();
        reportsCame.ring();
      },
      connected(now) {
        linked = now;
      },
    }),
    printPermits({ ...shared, retry: limits.printRetry }),
    reportPermits({ ...shared, limits: limits.reports }),
  ]);
  const forgetting = setInterval(() => forgetOld(journal, clock() - limits.journalKeptMs, log), forgetEveryMs);
  let stopped: Promise<void> | undefined;

  async function stop(): Promise<void> {
    ending.abort();
    clearInterval(forgetting);
    await working;
    journal.close();
  }

  return {
    terminalId: key.terminalId,
    publicKey: key.publicKey,
    status: () => ({ linked, lastSequence: journal.lastSequence(), ...journal.counts() }),
    stop: () => (stopped ??= stop()),
  };
}

function forgetOld(journal: Journal, before: number, log: TerminalLog): void {
  try {
    journal.forgetBefore(before);
  } catch (error) {
    log.error({ error: sayError(error) }, 'old entries could not be taken out of the journal');
  }
}
