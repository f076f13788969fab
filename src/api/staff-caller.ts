import { stationNumberOf } from '../base/ids.ts';
import { isRefusal, type Refusal, type RefusalName, refuse } from '../base/problem.ts';
import { systemRandom } from '../base/random.ts';
import { type Books, findBooks } from '../journey/books.ts';
import type { Journey } from '../journey/journey.ts';
import type { OrderKey } from '../order/order.ts';
import { findStaffByToken, insertStaffActions } from '../staff/staff.sql.ts';
import { lockedOutAction, memberAt, type RefusedWish, refusedAction } from '../staff/staff-action.ts';
import { mayDo, type StaffMember, type StaffRight, worksAt } from '../staff/staff-member.ts';
import { digestToken, readStaffToken } from '../staff/staff-token.ts';
import { countWrongTokens } from '../staff/wrong-tokens.ts';
import type { Call } from './route.ts';

export type StaffCall<Body = unknown, Query = unknown> = Call<Readonly<Record<string, string>>, Query, Body>;

/** Who calls, and whether he may: asked anew at each call, so that whoever was removed is out at once. */
export type StaffDoor = {
  /** Refuses, in this order: too_many_requests, staff_token_invalid. */
  enter(call: StaffCall): Promise<StaffMember | Refusal>;
  /** As `enter`, at one station; where the member does not work it is as if there were none: station_unknown. */
  enterStation(call: StaffCall, stationNumber: number): Promise<StaffMember | Refusal>;
  /** As `enter`, with the order that the address names; another station's is as unknown as none: order_unknown, then staff_right_missing. */
  enterOrder(call: StaffCall, right: StaffRight | null): Promise<{ member: StaffMember; books: Books } | Refusal>;
  /** Writes into the audit trail that this was refused, and gives the refusal. */
  noteRefusal(member: StaffMember, key: OrderKey, right: StaffRight, refusal: Refusal): Promise<Refusal>;
};

export const enterRefusals = ['too_many_requests', 'staff_token_invalid'] as const;

export function openStaffDoor(journey: Journey): StaffDoor {
  const { db, now } = journey;
  const wrongTokens = countWrongTokens(now);

  async function enter(call: StaffCall): Promise<StaffMember | Refusal> {
    const waitMs = wrongTokens.waitMs(call.ip);
    if (waitMs > 0) return refuse('too_many_requests', { waitMs });
    const header = call.headers['authorization'];
    const token = readStaffToken(header);
    const member = token === null ? null : await findStaffByToken(db, digestToken(token));
    if (member !== null) return member;
    // Who shows nothing has not guessed.
    if (header !== undefined && wrongTokens.count(call.ip))
      await insertStaffActions(db, [lockedOutAction(call.ip, now(), systemRandom)]);
    return refuse('staff_token_invalid');
  }

  async function note(member: StaffMember, refused: RefusedWish): Promise<void> {
    await insertStaffActions(db, [refusedAction(memberAt(member), refused, now(), systemRandom)]);
  }

  async function enterStation(call: StaffCall, stationNumber: number): Promise<StaffMember | Refusal> {
    const member = await enter(call);
    if (isRefusal(member)) return member;
    if (journey.stations.index().find(stationNumber) === undefined) return refuse('station_unknown');
    if (worksAt(member, stationNumber)) return member;
    await note(member, { stationNumber, orderId: null, wish: 'see', refusal: 'station_unknown' });
    return refuse('station_unknown');
  }

  async function enterOrder(
    call: StaffCall,
    right: StaffRight | null,
  ): Promise<{ member: StaffMember; books: Books } | Refusal> {
    const member = await enter(call);
    if (isRefusal(member)) return member;
    const orderId = call.params['id'] ?? '';
    const stationNumber = stationNumberOf(orderId);
    if (stationNumber === null) return refuse('order_unknown');
    const books = (await findBooks(db, [{ stationNumber, orderId }])).get(orderId);
    if (books === undefined) return refuse('order_unknown');
    const refusal = whyNot(member, stationNumber, right);
    if (refusal === null) return { member, books };
    await note(member, { stationNumber, orderId, wish: wishOf(right), refusal });
    return refuse(refusal);
  }

  return {
    enter,
    enterStation,
    enterOrder,
    async noteRefusal(member, { stationNumber, orderId }, right, { refusal, hint }) {
      await note(member, {
        stationNumber,
        orderId,
        wish: wishOf(right),
        refusal,
        ...(hint === undefined ? {} : { detail: { hint } }),
      });
      return hint === undefined ? refuse(refusal) : refuse(refusal, hint);
    },
  };
}

function whyNot(member: StaffMember, stationNumber: number, right: StaffRight | null): RefusalName | null {
  if (!worksAt(member, stationNumber)) return 'order_unknown';
  return right === null || mayDo(member, right) ? null : 'staff_right_missing';
}

const wishOf = (right: StaffRight | null): RefusedWish['wish'] =>
  right === null ? 'see' : right === 'dispense' ? 'dispense' : 'refund';
