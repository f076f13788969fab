import { z } from 'zod';
import { volumeUnits } from '../base/volume.ts';

/** A driver, for subscriptions that asked for him; whatever he did not give is null. */
export const personMessage = z.strictObject({
  name: z.string().nullable(),
  phone: z.string().nullable(),
  plate: z.string().nullable(),
});

const decimal = z.string().regex(/^\d+(\.\d+)?$/);
const instant = z.iso.datetime();

/** Money and volumes are decimal strings, times RFC 3339 in UTC. Nothing in it lets anybody through a gate or names a person. */
export const outgoingEventData = z.strictObject({
  order: z.strictObject({
    orderId: z.string(),
    stationNumber: z.int(),
    state: z.enum(['placed', 'paid', 'fulfilled', 'cancelled', 'expired', 'refunded']),
    grade: z.string(),
    pump: z.int().nullable(),
    nozzle: z.int().nullable(),
    volume: decimal,
    unit: z.enum(volumeUnits),
    money: decimal,
    discount: decimal,
    payable: decimal,
    currency: z.string(),
    placedAt: instant,
    /** What the pump gave and what that much costs, where it was told. */
    dispensed: z
      .strictObject({ volume: decimal, payable: decimal, source: z.enum(['staff', 'pump']), toldAt: instant })
      .nullable(),
  }),
  /** The payment that the event is about, else the one that paid the order; null where nothing was paid. */
  payment: z
    .strictObject({
      attemptRef: z.string(),
      method: z.string(),
      state: z.enum(['created', 'pending', 'paid', 'partly_refunded', 'refunded', 'failed', 'closed']),
      paid: decimal,
      refunded: decimal,
      currency: z.string(),
      paidAt: instant.nullable(),
      /** Why authentic money was not believed. */
      integrity: z.string().nullable(),
    })
    .nullable(),
  permit: z
    .strictObject({
      permitId: z.string(),
      state: z.enum([
        'issued',
        'sent',
        'printed',
        'processed',
        'unconfirmed',
        'undeliverable',
        'redeemed',
        'revoked',
        'expired',
      ]),
      stateAt: instant,
      issuedAt: instant,
      expiresAt: instant,
    })
    .nullable(),
  /** Only in events about a refund. */
  refund: z
    .strictObject({
      refundRef: z.string(),
      attemptRef: z.string(),
      state: z.enum(['due', 'requested', 'succeeded', 'abnormal']),
      reason: z.string(),
      amount: decimal,
      currency: z.string(),
    })
    .nullable(),
  person: personMessage.optional(),
});

/** The body of every delivery, as Standard Webhooks has it. */
export const outgoingEventMessage = z.strictObject({
  type: z.string(),
  timestamp: instant,
  data: outgoingEventData,
});

export type OutgoingEventData = z.infer<typeof outgoingEventData>;
export type PersonMessage = z.infer<typeof personMessage>;
