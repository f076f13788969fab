/** One move of money from an account to another: double entry by its shape. The id names the fact that moved it, so none is booked twice. */
export type Transfer = {
  readonly stationNumber: number;
  readonly transferId: string;
  readonly orderId: string | null;
  readonly debitAccount: string;
  readonly creditAccount: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly madeAt: number;
};

type Booking = Pick<Transfer, 'stationNumber' | 'orderId' | 'amountMinor' | 'currency' | 'madeAt'>;

/** What the payment service holds for us until it pays out. */
export const clearingAccount = (provider: string): string => `clearing:${provider}`;
/** What we owe drivers: paid, not yet fuelled. */
export const liabilityAccount = 'customer-liability';
export const refundsPayableAccount = 'refunds-payable';
/** Money that belongs to no attempt of ours, until a person has looked at it. */
export const suspenseAccount = 'suspense';

export const bookPaid = (booking: Booking, provider: string, attemptRef: string): Transfer => ({
  ...booking,
  transferId: `paid:${attemptRef}`,
  debitAccount: clearingAccount(provider),
  creditAccount: liabilityAccount,
});

export const bookRefundDue = (booking: Booking, refundRef: string): Transfer => ({
  ...booking,
  transferId: `refund-due:${refundRef}`,
  debitAccount: liabilityAccount,
  creditAccount: refundsPayableAccount,
});

export const bookRefundDone = (booking: Booking, provider: string, refundRef: string): Transfer => ({
  ...booking,
  transferId: `refund-done:${refundRef}`,
  debitAccount: refundsPayableAccount,
  creditAccount: clearingAccount(provider),
});

/** The payment service gave money back that we did not ask it to. */
export const bookRefundedElsewhere = (booking: Booking, provider: string, attemptRef: string): Transfer => ({
  ...booking,
  transferId: `refunded-elsewhere:${attemptRef}`,
  debitAccount: liabilityAccount,
  creditAccount: clearingAccount(provider),
});

export const bookUnmatched = (booking: Booking, provider: string, attemptRef: string): Transfer => ({
  ...booking,
  transferId: `unmatched:${provider}:${attemptRef}`,
  debitAccount: clearingAccount(provider),
  creditAccount: suspenseAccount,
});
