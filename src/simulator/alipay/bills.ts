import { dayMs, hourMs, secondMs } from '../../base/clock.ts';
import { randomHex } from '../service/random-text.ts';
import { type ApiAnswer, done, invalidParameter, refuse } from './api-answer.ts';
import { writeBill } from './bill-file.ts';
import type { Credentials } from './credentials.ts';
import type { Ledger } from './ledger.ts';

const readyAfterMs = dayMs + 10 * hourMs;
const addressLivesMs = 30 * secondMs;
const addressesMax = 1000;

export type Bills = {
  /** Answers with the address of an archive. */
  order(content: { readonly bill_type?: unknown; readonly bill_date?: unknown }, origin: string): ApiAnswer;
  /** Null where the address was never given, or is too old. */
  fetch(token: string | null): Buffer | null;
};

/** `atOnce` gives today's bill too, which the real service has only after ten the next morning. */
export function createBills(ledger: Ledger, credentials: Pick<Credentials, 'sellerId'>, atOnce: boolean): Bills {
  const addresses = new Map<string, { readonly archive: Buffer; readonly diesMs: number }>();
  const notThere = refuse('BILL_NOT_EXIST', '账单不存在');
  return {
    order({ bill_type: type, bill_date: day }, origin) {
      const nowMs = ledger.timeline.now();
      if (type !== 'trade') return invalidParameter('bill_type');
      if (typeof day !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(day)) return invalidParameter('bill_date');
      const startMs = Date.parse(`${day}T00:00:00+08:00`);
      if (Number.isNaN(startMs)) return invalidParameter('bill_date');
      if (!atOnce && nowMs < startMs + readyAfterMs) return notThere;
      const archive = writeBill(ledger, day, credentials);
      if (archive === null) return notThere;
      const token = randomHex(ledger.random, 24);
      addresses.set(token, { archive, diesMs: nowMs + addressLivesMs });
      for (const [old, { diesMs }] of addresses)
        if (diesMs < nowMs || addresses.size > addressesMax) addresses.delete(old);
      return done({ bill_download_url: `${origin}/bill/downloadBillFile.resource?fileId=${token}` });
    },
    fetch(token) {
      const address = addresses.get(token ?? '');
      return address === undefined || address.diesMs < ledger.timeline.now() ? null : address.archive;
    },
  };
}
