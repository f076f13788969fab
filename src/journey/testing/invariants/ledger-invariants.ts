import {
  clearingAccount,
  liabilityAccount,
  refundsPayableAccount,
  salesAccount,
  suspenseAccount,
  sumsOf,
  type Transfer,
} from '../../../payment/ledger.ts';
import { keptMinor } from '../../../payment/refund.ts';
import type { Books } from '../../books.ts';
import type { House } from '../house.ts';

/** What breaks, in words, or null. */
export type Offence = string | null;

/**
 * What each account must stand at, by the books alone: what services hold for us, what we owe drivers, what they have bought, what is on its way back to
 * them, and what belongs to nobody yet.
 */
export function ledgerOffence(house: House): Offence {
  const { books, ledger } = house.rows;
  const { currency } = books.order;
  const balances = balancesOf([...ledger.values()]);
  const debit = (account: string): number => balances.get(`${account} ${currency}`) ?? 0;
  const credit = (account: string): number => 0 - debit(account);
  for (const [name, sum] of sumsOf([...balances].map(([key, minor]) => balanceLine(key, minor))))
    if (sum !== 0) return `all accounts together stand at ${sum} ${name}`;
  const owed = owedMinor(books);
  const expected: readonly (readonly [string, number, number])[] = [
    ...house.services.map(({ account }): readonly [string, number, number] => {
      const name = clearingAccount(account.id);
      return [name, debit(name), heldMinor(books, account.id) + unmatchedMinor(house, account.id)];
    }),
    ['liability and sales', credit(liabilityAccount) + credit(salesAccount), owed.keptMinor],
    [refundsPayableAccount, credit(refundsPayableAccount), owed.onItsWayMinor],
  ];
  for (const [account, minor, expectedMinor] of expected)
    if (minor !== expectedMinor) return `${account} stands at ${minor}, and should at ${expectedMinor}`;
  for (const account of [liabilityAccount, salesAccount, refundsPayableAccount, suspenseAccount])
    if (credit(account) < 0) return `${account} stands below zero, at ${credit(account)}`;
  return null;
}

/** Debit less credit, by account and currency. */
function balancesOf(transfers: readonly Transfer[]): ReadonlyMap<string, number> {
  const balances = new Map<string, number>();
  const move = (key: string, minor: number): void => void balances.set(key, (balances.get(key) ?? 0) + minor);
  for (const { debitAccount, creditAccount, amountMinor, currency } of transfers) {
    move(`${debitAccount} ${currency}`, amountMinor);
    move(`${creditAccount} ${currency}`, 0 - amountMinor);
  }
  return balances;
}

const balanceLine = (key: string, minor: number) => ({
  currency: key.split(' ').at(-1) ?? '',
  debitMinor: minor,
  creditMinor: 0,
});

const heldMinor = ({ attempts }: Books, provider: string): number =>
  attempts
    .filter((attempt) => attempt.provider === provider)
    .reduce((sum, { paidMinor, refundedMinor }) => sum + paidMinor - refundedMinor, 0);

/** What was put into suspense as nobody's, in the order's currency. */
const unmatchedMinor = (house: House, provider: string): number =>
  [...house.rows.ledger.values()]
    .filter(
      ({ transferId, currency }) =>
        transferId.startsWith(`unmatched:${provider}:`) && currency === house.rows.books.order.currency,
    )
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0);

/** Kept: neither back nor on its way. On its way: promised to the driver, and not with him yet. */
function owedMinor({ attempts, refunds }: Books) {
  const sum = { keptMinor: 0, onItsWayMinor: 0 };
  for (const attempt of attempts) {
    const kept = keptMinor(attempt, refunds);
    sum.keptMinor += kept;
    sum.onItsWayMinor += attempt.paidMinor - attempt.refundedMinor - kept;
  }
  return sum;
}
