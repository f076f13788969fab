import { formatInstant } from '../base/clock.ts';
import { isOrderId, stationNumberOf } from '../base/ids.ts';
import { type Books, findBooks } from '../journey/books.ts';
import { type RunningTransfer, runBalances } from '../payment/ledger.ts';
import { findTransfersOf } from '../payment/ledger.sql.ts';
import { type Command, isSet, UsageError } from './command.ts';
import { decimalText, moneyText } from './money-text.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure, withDatabase } from './open-database.ts';
import { tableText } from './table-text.ts';

export const command: Command = {
  name: 'ledger order',
  summary: 'Every transfer of one order with running balances, beside its attempts and refunds.',
  usage: 'ORDER [options]',
  options: { json: { type: 'boolean', help: 'print one JSON object' }, ...databaseOptions },
  examples: ['forecourt ledger order 0000ZB1JQ4Y6H7K8M9N0P1Q2'],
  exitCodes: { 0: 'shown', 1: 'there is no such order', [failureExitCode]: failureMeaning },
  async run(input) {
    const [orderId = '', ...rest] = input.positionals;
    const stationNumber = isOrderId(orderId) ? stationNumberOf(orderId) : null;
    if (rest.length > 0 || stationNumber === null)
      throw new UsageError(`name one order by its 24 characters, not ${JSON.stringify(input.positionals.join(' '))}`);
    return orFailure(command, input, () =>
      withDatabase(command, input, async (db) => {
        const books = (await findBooks(db, [{ stationNumber, orderId }])).get(orderId);
        if (books === undefined) {
          process.stdout.write(
            isSet(input, 'json') ? '{"refusal":"order_unknown"}\n' : `order_unknown: there is no order ${orderId}\n`,
          );
          return 1;
        }
        const transfers = runBalances(await findTransfersOf(db, books.order));
        process.stdout.write(
          isSet(input, 'json') ? `${JSON.stringify(toJson(books, transfers))}\n` : toText(books, transfers),
        );
        return 0;
      }),
    );
  },
};

function toText({ order, attempts, refunds, permit }: Books, transfers: readonly RunningTransfer[]): string {
  const lines = [
    `order ${order.orderId}  ${order.state}  station ${order.stationNumber} (${order.station.name}), pump ${order.pump ?? 'not said'}`,
    `placed ${formatInstant(order.placedAt)}, to pay ${moneyText(order.payableMinor, order.currency)}`,
    permit === null ? 'no permit' : `permit ${permit.shortCode}  ${permit.state} ${formatInstant(permit.stateAt)}`,
  ];
  const attemptRows = attempts.map((one) => [
    one.attemptRef,
    one.provider,
    one.state,
    one.paidAt === null ? '' : formatInstant(one.paidAt),
    moneyText(one.paidMinor, one.currency),
    moneyText(one.refundedMinor, one.currency),
    one.integrity ?? '',
  ]);
  const refundRows = refunds.map((one) => [
    one.refundRef,
    one.reason,
    one.state,
    formatInstant(one.dueAt),
    one.finishedAt === null ? '' : formatInstant(one.finishedAt),
    formatInstant(one.promisedBy),
    moneyText(one.amountMinor, one.currency),
    one.orderedBy ?? (one.reason === 'elsewhere' ? 'somebody at the service' : 'nobody'),
    one.overridden ? 'though used' : '',
    one.note ?? '',
  ]);
  const transferRows = transfers.map((one) => [
    formatInstant(one.madeAt),
    one.transferId,
    one.debitAccount,
    decimalText(one.debitAfterMinor, one.currency),
    one.creditAccount,
    decimalText(one.creditAfterMinor, one.currency),
    moneyText(one.amountMinor, one.currency),
  ]);
  return [
    `${lines.join('\n')}\n`,
    section(['attempt', 'service', 'state', 'paid at', 'paid', 'refunded', 'mark'], attemptRows, [4, 5]),
    section(
      ['refund', 'reason', 'state', 'due', 'done', 'promised by', 'amount', 'ordered by', 'permit', 'note'],
      refundRows,
      [6],
    ),
    section(['time', 'transfer', 'debit', 'stands at', 'credit', 'stands at', 'amount'], transferRows, [3, 5, 6]),
  ].join('\n');
}

const section = (heading: readonly string[], rows: readonly (readonly string[])[], right: readonly number[]): string =>
  rows.length === 0 ? `no ${heading[0] === 'time' ? 'transfer' : heading[0]}\n` : tableText([heading, ...rows], right);

function toJson({ order, attempts, refunds, permit }: Books, transfers: readonly RunningTransfer[]) {
  return {
    orderId: order.orderId,
    stationNumber: order.stationNumber,
    pump: order.pump,
    state: order.state,
    placedAt: formatInstant(order.placedAt),
    payable: decimalText(order.payableMinor, order.currency),
    currency: order.currency,
    permit:
      permit === null
        ? null
        : { permitId: permit.permitId, state: permit.state, stateAt: formatInstant(permit.stateAt) },
    attempts: attempts.map((one) => ({
      attemptRef: one.attemptRef,
      provider: one.provider,
      state: one.state,
      paidAt: one.paidAt === null ? null : formatInstant(one.paidAt),
      paid: decimalText(one.paidMinor, one.currency),
      refunded: decimalText(one.refundedMinor, one.currency),
      currency: one.currency,
      integrity: one.integrity,
    })),
    refunds: refunds.map((one) => ({
      refundRef: one.refundRef,
      attemptRef: one.attemptRef,
      reason: one.reason,
      state: one.state,
      dueAt: formatInstant(one.dueAt),
      finishedAt: one.finishedAt === null ? null : formatInstant(one.finishedAt),
      promisedBy: formatInstant(one.promisedBy),
      amount: decimalText(one.amountMinor, one.currency),
      currency: one.currency,
      orderedBy: one.orderedBy,
      overridden: one.overridden,
      note: one.note,
    })),
    transfers: transfers.map((one) => ({
      transferId: one.transferId,
      madeAt: formatInstant(one.madeAt),
      debit: one.debitAccount,
      debitAfter: decimalText(one.debitAfterMinor, one.currency),
      credit: one.creditAccount,
      creditAfter: decimalText(one.creditAfterMinor, one.currency),
      amount: decimalText(one.amountMinor, one.currency),
      currency: one.currency,
    })),
  };
}
