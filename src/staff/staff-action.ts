import { encodeBytes } from '../base/crockford.ts';
import type { RefusalName } from '../base/problem.ts';
import type { Random } from '../base/random.ts';
import { formatVolumeMilli } from '../base/volume.ts';
import type { Dispense } from '../order/dispense.ts';
import type { Order } from '../order/order.ts';
import type { Refund } from '../payment/refund.ts';
import type { StaffMember } from './staff-member.ts';

export type StaffActionKind = 'staff_added' | 'staff_removed' | 'refund' | 'dispense' | 'refused' | 'locked_out';

/** One line of the audit trail: what a person did, or tried and was refused. Never changed. Times in ms since 1970. */
export type StaffAction = {
  /** 0 where it is about no station. */
  readonly stationNumber: number;
  /** Named by what was done, so that one thing done is one line however often it is told. */
  readonly actionId: string;
  readonly at: number;
  readonly kind: StaffActionKind;
  readonly door: 'page' | 'command';
  /** Null for an operator at the command line, and where nobody knows who it was. */
  readonly staffId: string | null;
  /** The person's name at that time; '' where nobody knows it. */
  readonly by: string;
  readonly orderId: string | null;
  /** What we held of the driver's money, in minor units of `currency`; null where no money is meant. */
  readonly beforeMinor: number | null;
  readonly afterMinor: number | null;
  readonly currency: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
};

/** Who did it, and by which door. */
export type Doer = Pick<StaffAction, 'door' | 'staffId' | 'by'>;

/** At the page or by the API, with a token. */
export const memberAt = ({ staffId, name }: Pick<StaffMember, 'staffId' | 'name'>): Doer => ({
  door: 'page',
  staffId,
  by: name,
});

export const operatorNamed = (by: string): Doer => ({ door: 'command', staffId: null, by });

const stranger: Doer = { door: 'page', staffId: null, by: '' };

const noMoney = { beforeMinor: null, afterMinor: null, currency: null } as const;
const noOrder = { stationNumber: 0, orderId: null, ...noMoney } as const;

export const addedAction = (doer: Doer, member: StaffMember): StaffAction => ({
  ...noOrder,
  ...doer,
  actionId: `staff_added:${member.staffId}`,
  at: member.addedAt,
  kind: 'staff_added',
  detail: describeMember(member),
});

export const removedAction = (doer: Doer, member: StaffMember, at: number): StaffAction => ({
  ...noOrder,
  ...doer,
  actionId: `staff_removed:${member.staffId}`,
  at,
  kind: 'staff_removed',
  detail: describeMember(member),
});

const describeMember = ({ staffId, name, stationNumbers, rights }: StaffMember): StaffAction['detail'] => ({
  staffId,
  name,
  stations: stationNumbers ?? 'all',
  rights,
});

/** What we hold of the driver's money after it was done. */
type After = { readonly leftMinor: number; readonly at: number };

export const refundAction = (doer: Doer, refund: Refund, { leftMinor, at }: After): StaffAction => ({
  ...doer,
  stationNumber: refund.stationNumber,
  actionId: `refund:${refund.refundRef}`,
  at,
  kind: 'refund',
  orderId: refund.orderId,
  beforeMinor: leftMinor + refund.amountMinor,
  afterMinor: leftMinor,
  currency: refund.currency,
  detail: { refundRef: refund.refundRef, reason: refund.note, overridden: refund.overridden },
});

export type ToldDispense = {
  readonly order: Pick<Order, 'volumeMilli' | 'currency'>;
  readonly dispense: Dispense;
  readonly refund: Refund | null;
};

export const dispenseAction = (doer: Doer, told: ToldDispense, { leftMinor, at }: After): StaffAction => ({
  ...doer,
  stationNumber: told.dispense.stationNumber,
  actionId: `dispense:${told.dispense.orderId}`,
  at,
  kind: 'dispense',
  orderId: told.dispense.orderId,
  beforeMinor: leftMinor + (told.refund?.amountMinor ?? 0),
  afterMinor: leftMinor,
  currency: told.order.currency,
  detail: {
    volumeOrdered: formatVolumeMilli(told.order.volumeMilli),
    volumeDispensed: formatVolumeMilli(told.dispense.volumeMilli),
    refundRef: told.refund?.refundRef ?? null,
  },
});

export type RefusedWish = {
  readonly stationNumber: number;
  readonly orderId: string | null;
  readonly wish: 'see' | 'refund' | 'dispense';
  readonly refusal: RefusalName;
  readonly detail?: Readonly<Record<string, unknown>>;
};

export const refusedAction = (doer: Doer, refused: RefusedWish, at: number, random: Random): StaffAction => ({
  ...noMoney,
  ...doer,
  stationNumber: refused.stationNumber,
  orderId: refused.orderId,
  actionId: `refused:${encodeBytes(random(10))}`,
  at,
  kind: 'refused',
  detail: { wish: refused.wish, refusal: refused.refusal, ...refused.detail },
});

/** Somebody tried so many wrong tokens that his address is not listened to for a while. */
export const lockedOutAction = (address: string, at: number, random: Random): StaffAction => ({
  ...noOrder,
  ...stranger,
  actionId: `locked_out:${encodeBytes(random(10))}`,
  at,
  kind: 'locked_out',
  detail: { address },
});
