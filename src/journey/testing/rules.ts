import type { Refund } from '../../payment/refund.ts';
import { decideReport } from '../deliver-permit.ts';
import { decideEnd } from '../end-order.ts';
import { decideDispense } from '../record-dispense.ts';
import { decideStaffRefund, decideUndelivered } from '../refund-order.ts';
import { decideRefund, isStrangeRefund } from '../refund-settlement.ts';
import { decideSettlement } from '../settlement.ts';
import { decideAttempt } from '../start-payment.ts';

/** The rules under test. A test that wants to see the simulation find something hands in wrong ones. */
export const ourRules = {
  decideAttempt,
  decideSettlement,
  decideRefund,
  isStrangeRefund,
  decideStaffRefund,
  decideUndelivered,
  decideDispense,
  decideReport,
  decideEnd,
  /** By which name a refund is asked for: the same for ever. */
  nameRefund: ({ refundRef }: Refund): string => refundRef,
  /** Two nodes never decide on the same old books. */
  locksBooks: true,
};

export type Rules = typeof ourRules;
