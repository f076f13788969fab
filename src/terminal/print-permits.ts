import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { DeviceResult, PermitDevice } from '../device/device.ts';
import type { Bell } from './bell.ts';
import type { Journal, PermitToPrint } from './journal.ts';
import { pause, type RetryLimits, retryDelayMs, sayError } from './retry.ts';
import type { TerminalLog } from './terminal-log.ts';

export type PrintOptions = {
  readonly journal: Journal;
  readonly device: PermitDevice;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: TerminalLog;
  readonly retry: RetryLimits;
  /** Rings when the journal has got permits. */
  readonly permitsCame: Bell;
  /** Rung when the journal has got reports. */
  readonly reportsCame: Bell;
  readonly signal: AbortSignal;
};

/**
 * Issues the journal's permits, one at a time and in order, until `signal` aborts; a slip at the device is waited for. A device that
 * certainly issued nothing (paper empty, cover open, not reachable) is tried again, less and less often, until the permit expires.
 * Nothing that may be on paper is ever printed again from here.
 */
export async function printPermits(options: PrintOptions): Promise<void> {
  const { journal, clock, random, log, retry, permitsCame, reportsCame, signal } = options;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const permit = journal.takePermit(clock());
      reportsCame.ring();
      if (permit === null) await permitsCame.wait(signal);
      else failures = (await printPermit(permit, options)) === 'waiting' ? failures + 1 : 0;
    } catch (error) {
      failures += 1;
      log.error(
        { error: sayError(error) },
        'the journal could not be read or written; no permit is printed until it can',
      );
    }
    if (failures > 0) await pause(retryDelayMs(failures, retry, random), signal);
  }
}

async function printPermit({ permitId, slip }: PermitToPrint, options: PrintOptions): Promise<string> {
  const { device, log, reportsCame } = options;
  const result = await device.submit(slip);
  const state = await keepResult(permitId, result, options);
  reportsCame.ring();
  const words = { permitId, orderId: slip.receipt.orderId, deviceId: device.id, state, reason: result.reason };
  if (state === 'printed' || state === 'processed') log.info(words, 'permit issued');
  else if (state === 'unconfirmed') log.warn(words, 'nobody knows whether the permit is on paper; staff must look');
  else log.warn(words, 'permit not issued');
  return state;
}

/** A result that the disk does not take is tried until it does, or until the terminal ends: then the next start finds it unconfirmed. */
async function keepResult(permitId: string, result: DeviceResult, options: PrintOptions): Promise<string> {
  const { journal, random, log, retry, signal } = options;
  for (let failures = 1; ; failures += 1) {
    try {
      return journal.finishPermit(permitId, result);
    } catch (error) {
      log.error(
        { permitId, result: result.state, error: sayError(error) },
        'the result of a print could not be written',
      );
      if (signal.aborted) return 'printing';
      await pause(retryDelayMs(failures, retry, random), signal);
    }
  }
}
