import { z } from 'zod';
import { orderMessage, permitStates } from '../order/order.message.ts';
import { staffRights } from './staff-member.ts';

/** What staff see and say. Money and volumes are decimal strings, times RFC 3339 UTC. */

/** `GET /v1/staff/me`: who holds the token, and where. */
export const staffMeMessage = z.object({
  staffId: z.string(),
  name: z.string(),
  rights: z.array(z.enum(staffRights)),
  /** At every station of the chain; then `stations` is empty. */
  everywhere: z.boolean(),
  stations: z.array(z.object({ stationNumber: z.int(), name: z.string() })),
});

const orderState = orderMessage.shape.state;
const refundState = z.enum(['due', 'requested', 'succeeded', 'abnormal']);
const attemptState = z.enum(['created', 'pending', 'paid', 'partly_refunded', 'refunded', 'failed', 'closed']);

/** Of the money that paid the order: what is back, what is on its way back, and what a person has to look after. */
const moneyBack = { givenBack: z.string(), onItsWay: z.string(), heldUp: z.string() };

/** One order in a list. */
export const staffOrderLineMessage = z.object({
  orderId: z.string(),
  state: orderState,
  pump: z.int().nullable(),
  grade: z.string(),
  plate: z.string().nullable(),
  volume: z.string(),
  unit: orderMessage.shape.unit,
  payable: z.string(),
  currency: z.string(),
  placedAt: z.string(),
  paidAt: z.string().nullable(),
  method: z.string().nullable(),
  /** Nobody can say yet whether money moved. */
  unknown: z.boolean(),
  ...moneyBack,
  /** Of all the order's refunds, each state once. */
  refundStates: z.array(refundState),
  permit: z.object({ shortCode: z.string(), state: z.enum(permitStates) }).nullable(),
  dispensed: z.string().nullable(),
});

/** `GET /v1/staff/stations/:number/orders`, newest first. */
export const staffOrderListMessage = z.object({
  station: z.object({ stationNumber: z.int(), name: z.string(), timeZone: z.string() }),
  orders: z.array(staffOrderLineMessage),
  /** What to send as `before` for the next page; null at the end. */
  next: z.string().nullable(),
});

/** Something that a payment service said of an attempt, and what we made of it. */
const factMessage = z.object({
  receivedAt: z.string(),
  source: z.string(),
  state: z.string(),
  amount: z.string().nullable(),
  currency: z.string().nullable(),
  judgement: z.string().nullable(),
});

const attemptMessage = z.object({
  attemptRef: z.string(),
  method: z.string(),
  surface: z.string(),
  state: attemptState,
  unknown: z.boolean(),
  abandoned: z.boolean(),
  amount: z.string(),
  paid: z.string(),
  refunded: z.string(),
  currency: z.string(),
  createdAt: z.string(),
  paidAt: z.string().nullable(),
  /** The payment's number at the service, which stands on the driver's own bill. */
  providerPaymentId: z.string().nullable(),
  merchantId: z.string(),
  /** Masked. */
  payer: z.object({ openId: z.string().nullable(), address: z.string() }),
  /** Why authentic money was not believed. */
  integrity: z.string().nullable(),
  facts: z.array(factMessage),
});

const staffPermitMessage = z.object({
  permitId: z.string(),
  shortCode: z.string(),
  state: z.enum(permitStates),
  stateAt: z.string(),
  issuedAt: z.string(),
  expiresAt: z.string(),
  /** What the station's terminal told, oldest first. */
  reports: z.array(
    z.object({
      state: z.string(),
      reason: z.string().nullable(),
      deviceId: z.string(),
      deviceRef: z.string().nullable(),
      reportedAt: z.string(),
      receivedAt: z.string(),
    }),
  ),
});

export const staffRefundMessage = z.object({
  refundRef: z.string(),
  attemptRef: z.string(),
  state: refundState,
  amount: z.string(),
  currency: z.string(),
  reason: z.string(),
  /** In the words of who ordered it; null where it was due by itself. */
  note: z.string().nullable(),
  by: z.string().nullable(),
  /** All of the money, though the permit was used. */
  overridden: z.boolean(),
  dueAt: z.string(),
  promisedBy: z.string(),
  finishedAt: z.string().nullable(),
});

/** `GET /v1/staff/orders/:id`: all that is known of one order. */
export const staffOrderMessage = orderMessage
  .omit({ user: true, payment: true, refunds: true, permit: true, dispensed: true, locale: true })
  .extend({
    /** The phone is masked. */
    user: orderMessage.shape.user,
    /** The attempt whose money paid the order; null where none did. */
    paidBy: z.string().nullable(),
    ...moneyBack,
    /** Of that money, what may still be given back. */
    left: z.string(),
    attempts: z.array(attemptMessage),
    permit: staffPermitMessage.nullable(),
    refunds: z.array(staffRefundMessage),
    dispensed: z
      .object({
        volume: z.string(),
        payable: z.string(),
        by: z.string(),
        source: z.enum(['staff', 'pump']),
        toldAt: z.string(),
      })
      .nullable(),
    transfers: z.array(
      z.object({
        transferId: z.string(),
        madeAt: z.string(),
        debit: z.string(),
        credit: z.string(),
        amount: z.string(),
        currency: z.string(),
      }),
    ),
    /** What staff did and tried with it, newest first. */
    actions: z.array(
      z.object({ at: z.string(), kind: z.string(), by: z.string(), detail: z.record(z.string(), z.unknown()) }),
    ),
  });

const decimal = z.string().max(24);

/** `POST /v1/staff/orders/:id/refunds`. */
export const staffRefundWishMessage = z.object({
  /** `"50.00"`, or `"all"` that is left. */
  amount: decimal,
  reason: z.string().max(1_000),
  /** An operator's word, where all of it goes back though the permit was used. */
  evenIfRedeemed: z.boolean().default(false),
});

export const staffRefundedMessage = z.object({ refund: staffRefundMessage, order: staffOrderMessage });

/** `POST /v1/staff/orders/:id/dispensed`: what the pump gave. */
export const staffDispenseWishMessage = z.object({ volume: decimal });

/** `refund` is null where nothing goes back. */
export const staffDispensedMessage = z.object({ refund: staffRefundMessage.nullable(), order: staffOrderMessage });

/** `GET /v1/staff/orders/:id/dispensed?volume=20.00`: what would follow if it were told. */
export const staffDispensePreviewMessage = z.object({
  volume: z.string(),
  /** What that much costs. */
  payable: z.string(),
  /** What goes back, and what is kept after that; all goes back where `voidsPermit`. */
  back: z.string(),
  kept: z.string(),
  voidsPermit: z.boolean(),
});

export type StaffMeMessage = z.infer<typeof staffMeMessage>;
export type StaffOrderLineMessage = z.infer<typeof staffOrderLineMessage>;
export type StaffOrderListMessage = z.infer<typeof staffOrderListMessage>;
export type StaffOrderMessage = z.infer<typeof staffOrderMessage>;
export type StaffRefundMessage = z.infer<typeof staffRefundMessage>;
export type StaffRefundWishMessage = z.input<typeof staffRefundWishMessage>;
export type StaffRefundedMessage = z.infer<typeof staffRefundedMessage>;
export type StaffDispensedMessage = z.infer<typeof staffDispensedMessage>;
export type StaffDispensePreviewMessage = z.infer<typeof staffDispensePreviewMessage>;
