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
/** What drivers have bought. */
export const salesAccount = 'fuel-sales';
/** What the payment service keeps for its work. */
export const feesAccount = (provider: string): string => `fees:${provider}`;
export const refundsPayableAccount = 'refunds-payable';
/** Money that belongs to no attempt of ours, until a person has looked at it. */
export const suspenseAccount = 'suspense';

export const bookPaid = (booking: Booking, provider: string, attemptRef: string): Transfer => ({
  ...booking,
  transferId: `paid:${attemptRef}`,
  debitAccount: clearingAccount(provider),
  creditAccount: liabilityAccount,
});

/** The driver has what he paid for. Once an order: a second sale of it is not booked. */
export const bookSale = (booking: Booking & { readonly orderId: string }): Transfer => ({
  ...booking,
  transferId: `sale:${booking.orderId}`,
  debitAccount: liabilityAccount,
  creditAccount: salesAccount,
});

/** Out of what money goes back: what we still owe the driver, or, once `bookSale` stands, what he has bought. */
export type TakenFrom = typeof liabilityAccount | typeof salesAccount;
/** Where somebody gave back at the service what we had promised already, that much is owed no more. */
export type TakenElsewhereFrom = TakenFrom | typeof refundsPayableAccount;

export const bookRefundDue = (
  booking: Booking,
  refundRef: string,
  takenFrom: TakenFrom = liabilityAccount,
): Transfer => ({
  ...booking,
  transferId: `refund-due:${refundRef}`,
  debitAccount: takenFrom,
  creditAccount: refundsPayableAccount,
});

/** `bounces`: how often it had been done before, and came back. */
export const bookRefundDone = (booking: Booking, provider: string, refundRef: string, bounces = 0): Transfer => ({
  ...booking,
  transferId: `refund-done:${refundRef}${bounces === 0 ? '' : `:${bounces}`}`,
  debitAccount: refundsPayableAccount,
  creditAccount: clearingAccount(provider),
});

/** The payer's bank sent the money back: the payment service holds it again, and it is owed again. */
export const bookRefundBounced = (
  booking: Booking,
  provider: string,
  refundRef: string,
  bounces: number,
): Transfer => ({
  ...booking,
  transferId: `refund-bounced:${refundRef}:${bounces}`,
  debitAccount: clearingAccount(provider),
  creditAccount: refundsPayableAccount,
});

/** The payment service gave money back that we did not ask it to. */
export const bookRefundedElsewhere = (
  booking: Booking,
  provider: string,
  reference: string,
  takenFrom: TakenElsewhereFrom = liabilityAccount,
): Transfer => ({
  ...booking,
  transferId: `refunded-elsewhere:${reference}${takenFrom === refundsPayableAccount ? ':owed' : ''}`,
  debitAccount: takenFrom,
  creditAccount: clearingAccount(provider),
});

/**
 * What the payment service charged for one payment or refund, by that one's own reference. `feeMinor` is negative where a fee is given back. Null where
 * there is no fee.
 */
export function bookFee(
  booking: Omit<Booking, 'amountMinor'>,
  provider: string,
  reference: string,
  feeMinor: number,
): Transfer | null {
  if (feeMinor === 0) return null;
  const [debitAccount, creditAccount] =
    feeMinor > 0
      ? [feesAccount(provider), clearingAccount(provider)]
      : [clearingAccount(provider), feesAccount(provider)];
  return {
    ...booking,
    amountMinor: Math.abs(feeMinor),
    transferId: `fee:${provider}:${reference}`,
    debitAccount,
    creditAccount,
  };
}

export const bookUnmatched = (booking: Booking, provider: string, attemptRef: string): Transfer => ({
  ...booking,
  transferId: `unmatched:${provider}:${attemptRef}`,
  debitAccount: clearingAccount(provider),
  creditAccount: suspenseAccount,
});

/** By currency what all accounts together stand at: zero, or the books are broken. */
export function sumsOf(
  balances: readonly { readonly currency: string; readonly debitMinor: number; readonly creditMinor: number }[],
): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { currency, debitMinor, creditMinor } of balances)
    sums.set(currency, (sums.get(currency) ?? 0) + debitMinor - creditMinor);
  return sums;
}

/** A transfer with what both of its accounts stand at after it, debit less credit, counted from the first of those given. */
export type RunningTransfer = Transfer & { readonly debitAfterMinor: number; readonly creditAfterMinor: number };

/** Each transfer with the balances after it, account by account and currency by currency. */
export function runBalances(transfers: readonly Transfer[]): readonly RunningTransfer[] {
  const balances = new Map<string, number>();
  const move = (account: string, currency: string, amountMinor: number): number => {
    const after = (balances.get(`${account} ${currency}`) ?? 0) + amountMinor;
    balances.set(`${account} ${currency}`, after);
    return after;
  };
  return transfers.map((transfer) => ({
    ...transfer,
    debitAfterMinor: move(transfer.debitAccount, transfer.currency, transfer.amountMinor),
    creditAfterMinor: move(transfer.creditAccount, transfer.currency, 0 - transfer.amountMinor),
  }));
}

/**
 * What a bill has more (or, negative, less) than our books, until the difference is gone; the `part` of a difference that is in two currencies is 1 or 2.
 */
export function bookSurplus(
  booking: Booking,
  provider: string,
  difference: { readonly differenceId: string; readonly part: number },
): Transfer {
  const [debitAccount, creditAccount] =
    booking.amountMinor > 0
      ? [clearingAccount(provider), suspenseAccount]
      : [suspenseAccount, clearingAccount(provider)];
  return {
    ...booking,
    amountMinor: Math.abs(booking.amountMinor),
    transferId: `difference:${difference.differenceId}:${difference.part}`,
    debitAccount,
    creditAccount,
  };
}

/** The difference is gone: what was booked for it is booked back. */
export const bookSurplusGone = (booked: Transfer, madeAt: number): Transfer => ({
  ...booked,
  transferId: booked.transferId.replace(/^difference:/, 'difference-gone:'),
  debitAccount: booked.creditAccount,
  creditAccount: booked.debitAccount,
  madeAt,
});
