import type { z } from 'zod';
import { formatMoneyMinor, parseMoneyMinor } from '../base/money.ts';
import { isRefusal, type Refusal, refuse } from '../base/problem.ts';
import { formatVolumeMilli, parseVolumeMilli } from '../base/volume.ts';
import type { Journey } from '../journey/journey.ts';
import { leftMinorOf } from '../journey/money-left.ts';
import { decideDispense } from '../journey/record-dispense.ts';
import { cautiousTerms } from '../payment/refund.ts';
import type { staffDispenseWishMessage, staffRefundWishMessage } from '../staff/staff.message.ts';
import { insertStaffActions } from '../staff/staff.sql.ts';
import { dispenseAction, memberAt, refundAction } from '../staff/staff-action.ts';
import { mayDo } from '../staff/staff-member.ts';
import type { Reply } from './route.ts';
import type { StaffCall, StaffDoor } from './staff-caller.ts';
import { describeOrder } from './staff-proof.ts';
import { toStaffRefundMessage } from './staff-view.ts';

/** Gives money back. */
export async function giveBack(
  journey: Journey,
  door: StaffDoor,
  call: StaffCall<z.infer<typeof staffRefundWishMessage>>,
): Promise<Reply | Refusal> {
  const { amount, reason, evenIfRedeemed } = call.body;
  const entered = await door.enterOrder(call, 'refund');
  if (isRefusal(entered)) return entered;
  const { member, books } = entered;
  const { order } = books;
  if (evenIfRedeemed && !mayDo(member, 'override'))
    return door.noteRefusal(member, order, 'override', refuse('staff_right_missing'));
  const { stationNumber, orderId, currency } = order;
  const amountMinor = amount === 'all' ? null : (parseMoneyMinor(amount, currency) ?? 0);
  const idempotencyKey = call.headers['idempotency-key'] ?? '';
  const wish = { stationNumber, orderId, idempotencyKey, amountMinor, reason, by: member.name, evenIfRedeemed };
  const refunded = await journey.refundOrder(wish);
  if (isRefusal(refunded)) return door.noteRefusal(member, order, 'refund', refunded);
  const { refund } = refunded;
  const after = { leftMinor: leftMinorOf(refunded.books), at: journey.now() };
  await insertStaffActions(journey.db, [refundAction(memberAt(member), refund, after)]);
  return {
    status: 201,
    json: { refund: toStaffRefundMessage(refund), order: await describeOrder(journey, refunded.books) },
  };
}

/** A volume as the pump shows it; -1, which no pump shows, where the text is none. */
const readVolume = (text: string): number => parseVolumeMilli(text) ?? -1;

/** What would follow if this volume were told. */
export async function previewDispense(
  journey: Journey,
  door: StaffDoor,
  call: StaffCall<unknown, z.infer<typeof staffDispenseWishMessage>>,
): Promise<Reply | Refusal> {
  const entered = await door.enterOrder(call, 'dispense');
  if (isRefusal(entered)) return entered;
  const { member, books } = entered;
  const wish = { volumeMilli: readVolume(call.query.volume), by: member.name, source: 'staff' } as const;
  const decided = decideDispense(books, wish, () => cautiousTerms, journey.now());
  if (isRefusal(decided)) return decided;
  const money = (minor: number): string => formatMoneyMinor(minor, books.order.currency);
  const keptMinor = leftMinorOf(decided.books);
  return {
    status: 200,
    json: {
      volume: formatVolumeMilli(decided.dispense.volumeMilli),
      payable: money(decided.dispense.payableMinor),
      back: money(decided.refund?.amountMinor ?? 0),
      kept: money(keptMinor),
      voidsPermit: decided.refund !== null && keptMinor === 0,
    },
  };
}

/** Tells what the pump gave. */
export async function recordDispense(
  journey: Journey,
  door: StaffDoor,
  call: StaffCall<z.infer<typeof staffDispenseWishMessage>>,
): Promise<Reply | Refusal> {
  const entered = await door.enterOrder(call, 'dispense');
  if (isRefusal(entered)) return entered;
  const { member, books } = entered;
  const { stationNumber, orderId } = books.order;
  const volumeMilli = readVolume(call.body.volume);
  const told = await journey.recordDispense({ stationNumber, orderId, volumeMilli, by: member.name, source: 'staff' });
  if (isRefusal(told)) return door.noteRefusal(member, books.order, 'dispense', told);
  const { dispense, refund } = told;
  const after = { leftMinor: leftMinorOf(told.books), at: journey.now() };
  await insertStaffActions(journey.db, [
    dispenseAction(memberAt(member), { order: books.order, dispense, refund }, after),
  ]);
  return {
    status: 201,
    json: {
      refund: refund === null ? null : toStaffRefundMessage(refund),
      order: await describeOrder(journey, told.books),
    },
  };
}
