import { checkCharacter, decodeNumber, encodeNumber, normalize } from './crockford.ts';
import type { Random } from './random.ts';

/** A station number is a whole number of 1 to 2^30 - 1: six base32 characters. */
export const stationNumberMax = 2 ** 30 - 1;
export const pumpNumberMax = 99;
export const attemptNumberMax = 99;

const stationLength = 6;
const timeLength = 9;
const randomLength = 9;

export const isStationNumber = (value: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= stationNumberMax;

/**
 * The order's name: station (6) + milliseconds since 1970 (9) + randomness (9) in Crockford's base32, 24 characters, only `[0-9A-Z]`.
 * It sorts by time within the station and names its station to whoever holds nothing else.
 */
export function makeOrderId(stationNumber: number, now: number, random: Random): string {
  let chance = '';
  for (const byte of random(randomLength)) chance += encodeNumber(byte & 31, 1);
  return encodeNumber(stationNumber, stationLength) + encodeNumber(now, timeLength) + chance;
}

/** The station in an order id (or in anything that begins with one), or null where it is none. */
export function stationNumberOf(orderId: string): number | null {
  if (!/^[0-9A-HJKMNP-TV-Z]{24}/.test(orderId)) return null;
  const stationNumber = decodeNumber(orderId.slice(0, stationLength));
  return stationNumber !== null && isStationNumber(stationNumber) ? stationNumber : null;
}

export const isOrderId = (text: string): boolean => text.length === 24 && stationNumberOf(text) !== null;

/** order id + two digits: fits every payment service's rule for a merchant's order number (`[0-9A-Za-z_]{6,32}`). */
export function makeAttemptRef(orderId: string, attemptNumber: number): string {
  if (attemptNumber < 1 || attemptNumber > attemptNumberMax)
    throw new RangeError(`attempt ${attemptNumber} of ${orderId}`);
  return orderId + String(attemptNumber).padStart(2, '0');
}

export type AttemptName = { readonly stationNumber: number; readonly orderId: string; readonly attemptRef: string };

/** What an attempt's reference tells by itself, or null where it is not one of ours. */
export function readAttemptRef(attemptRef: string): AttemptName | null {
  if (!/^[0-9A-Z]{24}(?!00)\d\d$/.test(attemptRef)) return null;
  const orderId = attemptRef.slice(0, 24);
  const stationNumber = stationNumberOf(orderId);
  return stationNumber === null ? null : { stationNumber, orderId, attemptRef };
}

export type RefundReason =
  | 'second_payment'
  | 'late_payment'
  | 'overpayment'
  | 'integrity'
  | 'staff'
  | 'undelivered'
  | 'less_dispensed'
  // Made by a person at the payment service; bears the service's own reference.
  | 'elsewhere';

/**
 * Derived from the attempt and the reason, so that a retry cannot invent a second refund. `part` counts the partial refunds that staff
 * give for one reason.
 */
export function makeRefundRef(attemptRef: string, reason: RefundReason, part = 0): string {
  return `R${attemptRef}_${reason}${part === 0 ? '' : `_${part}`}`;
}

/** Whether a refund that a service tells of was asked for by us: then our rows know more of it than the service says. */
export const isRefundRefOf = (refundRef: string, attemptRef: string): boolean =>
  refundRef.startsWith(`R${attemptRef}_`);

/** What stands on the pump: station (6) + pump (2 digits) + check character, 9 characters. */
export function makePumpCode(stationNumber: number, pump: number): string {
  if (!isStationNumber(stationNumber) || !Number.isInteger(pump) || pump < 1 || pump > pumpNumberMax) {
    throw new RangeError(`station ${stationNumber} pump ${pump} has no pump code`);
  }
  const text = encodeNumber(stationNumber, stationLength) + String(pump).padStart(2, '0');
  return text + checkCharacter(text);
}

export type PumpName = { readonly stationNumber: number; readonly pump: number };

/** Station and pump of a pump code (hyphens, blanks and small letters allowed), or null where it is none. */
export function readPumpCode(code: string): PumpName | null {
  const text = normalize(code.replace(/[\s-]/g, ''));
  if (text === null || text.length !== 9) return null;
  if (checkCharacter(text.slice(0, 8)) !== text.slice(8)) return null;
  const stationNumber = decodeNumber(text.slice(0, stationLength));
  const pump = Number(text.slice(6, 8));
  if (stationNumber === null || !isStationNumber(stationNumber)) return null;
  return Number.isInteger(pump) && pump >= 1 ? { stationNumber, pump } : null;
}
