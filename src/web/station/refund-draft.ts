import { parseMoneyMinor } from '../../base/money.ts';
import type { StaffOrderMessage, StaffRefundWishMessage } from '../../staff/staff.message.ts';

/** What was typed so far. */
export type RefundDraft = {
  readonly howMuch: 'all' | 'part';
  readonly part: string;
  readonly reason: string;
  readonly override: boolean;
};

export const emptyDraft: RefundDraft = { howMuch: 'all', part: '', reason: '', override: false };

export const reasonLengthMax = 200;

export type RefundFault = 'amount_wrong' | 'reason_wrong';

export type RefundPlan = {
  readonly wish: StaffRefundWishMessage;
  /** Decimal strings. */
  readonly amount: string;
  readonly kept: string;
  readonly isAll: boolean;
};

/** What would be asked of the cloud, or what is wrong, each in its place. A part that is all that is left is all of it. */
export function planRefund(
  order: Pick<StaffOrderMessage, 'left' | 'currency'>,
  draft: RefundDraft,
  format: (minor: number) => string,
): RefundPlan | readonly RefundFault[] {
  const leftMinor = parseMoneyMinor(order.left, order.currency) ?? 0;
  const typed = parseMoneyMinor(draft.part.trim().replace(',', '.'), order.currency);
  const amountMinor = draft.howMuch === 'all' ? leftMinor : (typed ?? 0);
  const reason = draft.reason.trim();
  const faults: RefundFault[] = [
    ...(amountMinor > 0 && amountMinor <= leftMinor ? [] : (['amount_wrong'] as const)),
    ...(reason.length >= 1 && reason.length <= reasonLengthMax ? [] : (['reason_wrong'] as const)),
  ];
  if (faults.length > 0) return faults;
  const isAll = amountMinor === leftMinor;
  return {
    wish: { amount: isAll ? 'all' : format(amountMinor), reason, evenIfRedeemed: isAll && draft.override },
    amount: format(amountMinor),
    kept: format(leftMinor - amountMinor),
    isAll,
  };
}
