import { systemClock } from '../base/clock.ts';
import { type Refusal, problemOf } from '../base/problem.ts';
import { systemRandom } from '../base/random.ts';
import type { Database } from '../database/database.ts';
import { type Books, findBooks } from '../journey/books.ts';
import { leftMinorOf } from '../journey/money-left.ts';
import { createRecordDispense, type RecordDispense } from '../journey/record-dispense.ts';
import { createRefundOrder, type RefundOrder, type RefundOrderWorld } from '../journey/refund-order.ts';
import { openPostgresSignal } from '../journey/signal.ts';
import type { OrderKey } from '../order/order.ts';
import { cautiousTerms, type Refund } from '../payment/refund.ts';
import { formatVolumeMilli } from '../base/volume.ts';
import { insertStaffActions } from '../staff/staff.sql.ts';
import { operatorNamed, refusedAction } from '../staff/staff-action.ts';
import { type Command, type CommandInput, isSet } from './command.ts';
import { moneyText } from './money-text.ts';
import { withDatabase } from './open-database.ts';

/**
 * What an operator decides about an order's money at the command line. It is written down here; a node of the cloud, which has the accounts'
 * keys, pays it back. Nothing is asked of a payment service, so that of its terms the most cautious are taken.
 */
export type MoneyDesk = {
  readonly db: Database;
  /** The order as it was before anything was decided. */
  readonly books: Books;
  readonly refundOrder: RefundOrder;
  readonly recordDispense: RecordDispense;
};

/** Does `work` with an order; exit code 1 where there is none. */
export async function atMoneyDesk(
  command: Command,
  input: CommandInput,
  key: OrderKey,
  work: (desk: MoneyDesk) => Promise<number>,
): Promise<number> {
  return withDatabase(command, input, async (db) => {
    const books = (await findBooks(db, [key])).get(key.orderId);
    if (books === undefined) return tellRefusal(input, { refusal: 'order_unknown' });
    const signal = await openPostgresSignal(db, () => undefined);
    try {
      const world: RefundOrderWorld = {
        db,
        now: systemClock,
        signal,
        // The rows themselves decide whether anybody does.
        wantsEvent: () => true,
        refundTerms: () => cautiousTerms,
      };
      const refundOrder = createRefundOrder(world);
      return await work({ db, books, refundOrder, recordDispense: createRecordDispense(world) });
    } finally {
      await signal.close();
    }
  });
}

/** Tells the operator why not, and keeps in the audit trail that he tried. */
export async function refuseWish(
  input: CommandInput,
  { db, books }: MoneyDesk,
  wish: { readonly kind: 'refund' | 'dispense'; readonly by: string },
  refusal: Refusal,
): Promise<number> {
  const { stationNumber, orderId } = books.order;
  const refused = { stationNumber, orderId, wish: wish.kind, refusal: refusal.refusal, detail: { hint: refusal.hint } };
  await insertStaffActions(db, [refusedAction(operatorNamed(wish.by), refused, systemClock(), systemRandom)]);
  return tellRefusal(input, refusal);
}

function tellRefusal(input: CommandInput, { refusal, hint }: Refusal): number {
  if (isSet(input, 'json'))
    process.stdout.write(`${JSON.stringify({ refusal, ...(hint === undefined ? {} : { hint }) })}\n`);
  else
    process.stderr.write(
      `${refusal}: ${problemOf(refusal).en}${hint === undefined ? '' : ` ${JSON.stringify(hint)}`}\n`,
    );
  return 1;
}

/** The order and its money, as the operator finds them. */
export function orderText(books: Books): string {
  const { order, permit, attempts, dispense } = books;
  const paid = attempts.find((one) => one.attemptRef === permit?.attemptRef);
  const driver = [`pump ${order.pump ?? 'not said'}`, order.userPlate].filter((part) => part !== null).join(', ');
  const money =
    paid === undefined
      ? 'not paid'
      : `paid ${moneyText(paid.paidMinor, paid.currency)} by ${paid.provider}, ${moneyText(leftMinorOf(books), order.currency)} of it can be given back`;
  return [
    `order   ${order.orderId}, ${order.state}, ${order.station.name} (${order.stationNumber}), ${driver}`,
    `money   ${money}`,
    `permit  ${permit === null ? 'none' : `${permit.shortCode}, ${permit.state}`}`,
    ...(dispense === null
      ? []
      : [`pump    gave ${formatVolumeMilli(dispense.volumeMilli)} ${order.station.unit}, told by ${dispense.toldBy}`]),
  ].join('\n');
}

/** On what day the driver has it at the latest, by the station's calendar. */
export const promisedDay = (refund: Refund, { order }: Books): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: order.station.timeZone }).format(refund.promisedBy);
