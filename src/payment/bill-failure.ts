import { hourMs, minuteMs } from '../base/clock.ts';
import type { BillDay } from './bill-day.ts';
import type { ProviderError } from './provider/provider.ts';

/** By when the services that make bills overnight have made that of the day before, on their own clocks. */
const madeAfterMs = 10 * hourMs + 30 * minuteMs;

/** Why there is no bill to match with, and what to do: one or two sentences, which the account's name comes before. */
export function explainNoBill(error: ProviderError, day: BillDay, now: number): string {
  const said = `(${error.message})`;
  const isDue = now >= day.endsAt + madeAfterMs;
  if (error.detail.billNotMadeYet === true) return explainNotYet(said, now < day.endsAt, isDue);
  switch (error.kind) {
    case 'auth':
      return `the service does not take our key, serial number or clock for right ${said}; mend the account's settings, forecourt payments check tells when they are`;
    case 'integrity':
      return `the bill is not this account's, and nothing of it was taken ${said}; look whether the account's merchant number and keys belong together`;
    case 'unreachable':
      return `the service cannot be reached ${said}; look after the network and run it again`;
    case 'rate_limited':
      return `the service was asked too often ${said}; run it again in some minutes`;
    case 'unknown':
      return `the bill could not be read whole, and nothing of it was taken ${said}; run it again, and where that does not help ask the service for the file`;
    case 'declined':
    case 'rejected':
      return isDue
        ? `the service does not give this bill ${said}; it keeps them for some months only, and an account may lack the right to its bills`
        : `the service does not give this bill ${said}; bills are made until 10:30 of the next day, run it again then`;
  }
}

function explainNotYet(said: string, isGoingOn: boolean, isDue: boolean): string {
  if (isGoingOn)
    return `the day is not over, and the service gives no bill of it yet ${said}; run it again tomorrow after 10:30`;
  return isDue
    ? `the service is late with the bill of the day ${said}; run it again later, and where that does not help ask the service for the file`
    : `there is no whole bill of the day yet ${said}; services make it until 10:30 of the next day, run it again then`;
}
