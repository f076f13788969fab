import { createHash } from 'node:crypto';
import { formatInstant } from '../base/clock.ts';
import { parseMoneyMinor } from '../base/money.ts';
import { isRefusal } from '../base/problem.ts';
import type { Books } from '../journey/books.ts';
import { leftMinorOf } from '../journey/money-left.ts';
import { personNameLengthMax, type RefundWish } from '../journey/refund-order.ts';
import type { Refund } from '../payment/refund.ts';
import { insertStaffActions } from '../staff/staff.sql.ts';
import { operatorNamed, refundAction } from '../staff/staff-action.ts';
import { readStaffName } from '../staff/staff-member.ts';
import { type Command, type CommandInput, isSet, requiredText, textOf, UsageError } from './command.ts';
import { atMoneyDesk, type MoneyDesk, orderText, promisedDay, refuseWish } from './money-desk.ts';
import { decimalText, moneyText } from './money-text.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure } from './open-database.ts';
import { readOrder } from './read-order.ts';

export const command: Command = {
  name: 'refund',
  summary: "Gives an order's money back, all that is left or a part. All of it makes the permit void.",
  usage: 'ORDER --reason TEXT --by NAME [options]',
  options: {
    reason: { type: 'string', value: 'text', help: 'why; it stands in the books' },
    by: { type: 'string', value: 'name', help: 'who says so; it stands in the books' },
    amount: { type: 'string', value: 'decimal', help: 'a part, for example 50.00; default: all that is left' },
    'even-if-redeemed': { type: 'boolean', help: 'all of it, though the permit was used' },
    json: { type: 'boolean', help: 'print one JSON object' },
    ...databaseOptions,
  },
  notes: [
    'The refund is written down; a node of the cloud pays it back within seconds, or when one runs again.',
    'A running node holds its embedded database for itself: there this ends with 3. Stop the node, or use its page /staff.',
    'The same order, amount, reason and name again is the same refund: it is shown, and nothing more goes back.',
    'The promised date is the slowest of all payment services, since no account is asked here.',
  ],
  examples: [
    'forecourt refund 0000ZB1JQ4Y6H7K8M9N0P1Q2 --reason "wrong pump" --by "Zhao Min"',
    'forecourt refund 0000ZB1JQ4Y6H7K8M9N0P1Q2 --amount 50.00 --reason "pump stopped" --by "Zhao Min" --json',
  ],
  exitCodes: { 0: 'decided, now or before', 1: 'refused; it says why', [failureExitCode]: failureMeaning },
  async run(input) {
    const key = readOrder(input);
    const reason = requiredText(command, input, 'reason');
    const by = readStaffName(requiredText(command, input, 'by'));
    if (by === null) throw new UsageError(`--by is no name of 1 to ${personNameLengthMax} characters`);
    return orFailure(command, input, () =>
      atMoneyDesk(command, input, key, (desk) => {
        const amountMinor = readAmount(input, desk.books.order.currency);
        const evenIfRedeemed = isSet(input, 'even-if-redeemed');
        const wish = { ...key, amountMinor, reason: reason.trim(), by, evenIfRedeemed };
        return decide(input, desk, { ...wish, idempotencyKey: keyOf(wish) });
      }),
    );
  },
};

function readAmount(input: CommandInput, currency: string): number | null {
  const text = textOf(command, input, 'amount');
  if (text === undefined) return null;
  const amountMinor = parseMoneyMinor(text, currency);
  if (amountMinor === null) throw new UsageError(`--amount ${text} is no amount in ${currency}`);
  return amountMinor;
}

/** Typed twice it is one refund: the key is made of what is wished. */
const keyOf = ({ orderId, amountMinor, reason, by }: Omit<RefundWish, 'idempotencyKey'>): string =>
  createHash('sha256')
    .update(JSON.stringify([orderId, amountMinor, reason, by]))
    .digest('base64url');

async function decide(input: CommandInput, desk: MoneyDesk, wish: RefundWish): Promise<number> {
  const { db, books } = desk;
  const say = (text: string): void => void (isSet(input, 'json') ? undefined : process.stdout.write(`${text}\n`));
  say(orderText(books));
  const known = books.refunds.some((one) => one.idempotencyKey === wish.idempotencyKey);
  if (!known) say(`wish    ${wishText(wish, books)}`);
  const refunded = await desk.refundOrder(wish);
  if (isRefusal(refunded)) return refuseWish(input, desk, { kind: 'refund', by: wish.by }, refunded);
  const { refund } = refunded;
  const after = { leftMinor: leftMinorOf(refunded.books), at: Date.now() };
  await insertStaffActions(db, [refundAction(operatorNamed(wish.by), refund, after)]);
  say(`${known ? 'known  ' : 'decided'} ${refundText(refund, refunded.books)}`);
  if (isSet(input, 'json')) process.stdout.write(`${JSON.stringify(toJson(refund, refunded.books, known))}\n`);
  return 0;
}

function wishText({ amountMinor, reason, by }: RefundWish, books: Books): string {
  const leftMinor = leftMinorOf(books);
  const backMinor = amountMinor ?? leftMinor;
  const permit = backMinor === leftMinor ? 'all of it: the permit becomes void' : 'a part: the permit stays as it is';
  return `give back ${moneyText(backMinor, books.order.currency)}, ${permit}; "${reason}", ${by}`;
}

/** Its reference, its amount, and by when the driver has it. */
export const refundText = (refund: Refund, books: Books): string =>
  `${refund.refundRef}, ${moneyText(refund.amountMinor, refund.currency)}, ${refund.state}, with the driver by ${promisedDay(refund, books)}`;

export const toJson = (refund: Refund, { order, permit }: Books, known: boolean) => ({
  orderId: order.orderId,
  orderState: order.state,
  permitState: permit?.state ?? null,
  refundRef: refund.refundRef,
  amount: decimalText(refund.amountMinor, refund.currency),
  currency: refund.currency,
  state: refund.state,
  reason: refund.note,
  by: refund.orderedBy,
  promisedBy: formatInstant(refund.promisedBy),
  /** Decided by an earlier call. */
  known,
});
