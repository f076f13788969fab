import { isRefusal } from '../base/problem.ts';
import { formatVolumeMilli, parseVolumeMilli } from '../base/volume.ts';
import type { Books } from '../journey/books.ts';
import { leftMinorOf } from '../journey/money-left.ts';
import { type Dispensed, decideDispense, type DispenseWish } from '../journey/record-dispense.ts';
import { personNameLengthMax } from '../journey/refund-order.ts';
import { cautiousTerms } from '../payment/refund.ts';
import { insertStaffActions } from '../staff/staff.sql.ts';
import { dispenseAction, operatorNamed } from '../staff/staff-action.ts';
import { readStaffName } from '../staff/staff-member.ts';
import { type Command, type CommandInput, isSet, requiredText, UsageError } from './command.ts';
import { atMoneyDesk, type MoneyDesk, orderText, refuseWish } from './money-desk.ts';
import { decimalText, moneyText } from './money-text.ts';
import { databaseOptions, failureExitCode, failureMeaning, orFailure } from './open-database.ts';
import { readOrder } from './read-order.ts';
import { refundText, toJson } from './refund.ts';

export const command: Command = {
  name: 'dispensed',
  summary: 'Tells what the pump gave for an order; what was paid for the rest goes back by itself.',
  usage: 'ORDER --volume DECIMAL --by NAME [options]',
  options: {
    volume: {
      type: 'string',
      value: 'decimal',
      help: "what the pump shows, in the station's unit; 0 where it gave nothing",
    },
    by: { type: 'string', value: 'name', help: 'who says so; it stands in the books' },
    json: { type: 'boolean', help: 'print one JSON object' },
    ...databaseOptions,
  },
  notes: [
    'A running node holds its embedded database for itself: there this ends with 3. Stop the node, or use its page /staff.',
    'Once an order: another volume is refused afterwards, and `forecourt refund` puts right what is wrong.',
    'The same volume again shows what was decided, and nothing more goes back.',
    'The promised date is the slowest of all payment services, since no account is asked here.',
  ],
  examples: ['forecourt dispensed 0000ZB1JQ4Y6H7K8M9N0P1Q2 --volume 20.00 --by "Li Wei"'],
  exitCodes: { 0: 'told, now or before', 1: 'refused; it says why', [failureExitCode]: failureMeaning },
  async run(input) {
    const key = readOrder(input);
    const text = requiredText(command, input, 'volume');
    const volumeMilli = parseVolumeMilli(text);
    if (volumeMilli === null) throw new UsageError(`--volume ${text} is no volume`);
    const by = readStaffName(requiredText(command, input, 'by'));
    if (by === null) throw new UsageError(`--by is no name of 1 to ${personNameLengthMax} characters`);
    return orFailure(command, input, () =>
      atMoneyDesk(command, input, key, (desk) => tell(input, desk, { ...key, volumeMilli, by, source: 'staff' })),
    );
  },
};

async function tell(input: CommandInput, desk: MoneyDesk, wish: DispenseWish): Promise<number> {
  const { db, books } = desk;
  const say = (text: string): void => void (isSet(input, 'json') ? undefined : process.stdout.write(`${text}\n`));
  say(orderText(books));
  const known = books.dispense !== null;
  const planned = decideDispense(books, wish, () => cautiousTerms, Date.now());
  if (!known && !isRefusal(planned)) say(`told    ${planText(planned, books)}; ${wish.by}`);
  const told = await desk.recordDispense(wish);
  if (isRefusal(told)) return refuseWish(input, desk, { kind: 'dispense', by: wish.by }, told);
  const { dispense, refund } = told;
  const after = { leftMinor: leftMinorOf(told.books), at: Date.now() };
  const action = dispenseAction(operatorNamed(wish.by), { order: books.order, dispense, refund }, after);
  await insertStaffActions(db, [action]);
  say(`${known ? 'known  ' : 'decided'} ${refund === null ? 'nothing goes back' : refundText(refund, told.books)}`);
  if (isSet(input, 'json')) process.stdout.write(`${JSON.stringify(describe(told, known))}\n`);
  return 0;
}

function planText({ dispense, refund, books: after }: Dispensed, { order }: Books): string {
  const gave = `${formatVolumeMilli(dispense.volumeMilli)} of ${formatVolumeMilli(order.volumeMilli)} ${order.station.unit}`;
  const money = moneyText(refund?.amountMinor ?? 0, order.currency);
  const end = refund !== null && leftMinorOf(after) === 0 ? ', all of it: the permit becomes void' : '';
  return `the pump gave ${gave}, ${money} goes back${end}`;
}

const describe = ({ dispense, refund, books }: Dispensed, known: boolean) => ({
  orderId: dispense.orderId,
  volume: formatVolumeMilli(dispense.volumeMilli),
  payable: decimalText(dispense.payableMinor, books.order.currency),
  by: dispense.toldBy,
  refund: refund === null ? null : toJson(refund, books, known),
  /** Told by an earlier call. */
  known,
});
