import { z } from 'zod';
import { paymentMessage } from '../payment/payment.message.ts';
import { positionMessage } from '../station/station.message.ts';

/** `POST /v1/orders`. Exactly one way to name the station is enough: number, pump code, or position. */
export const placeOrderMessage = z.object({
  stationNumber: z.int().optional(),
  pumpCode: z.string().max(64).optional(),
  position: positionMessage.optional(),
  grade: z.string().min(1).max(32),
  pump: z.int().optional(),
  nozzle: z.int().optional(),
  /** Decimal strings: `"200.00"`, `"27.06"`. */
  money: z.string().max(24).optional(),
  volume: z.string().max(24).optional(),
  /** The prices that stood on the driver's screen. */
  priceSeen: z.object({ pump: z.string().max(24), member: z.string().max(24).nullable().optional() }),
  user: z
    .object({
      name: z.string().max(200).optional(),
      phone: z.string().max(32).optional(),
      plate: z.string().max(32).optional(),
    })
    .optional(),
  locale: z.enum(['zh-CN', 'en']).default('zh-CN'),
});

export const permitStates = [
  'issued',
  'sent',
  'printed',
  'processed',
  'unconfirmed',
  'undeliverable',
  'redeemed',
  'revoked',
  'expired',
] as const;

export const permitMessage = z.object({
  permitId: z.string(),
  shortCode: z.string(),
  token: z.string(),
  issuedAt: z.string(),
  expiresAt: z.string(),
  state: z.enum(permitStates),
});

export const orderMessage = z.object({
  orderId: z.string(),
  state: z.enum(['placed', 'paid', 'fulfilled', 'cancelled', 'expired', 'refunded']),
  station: z.object({
    stationNumber: z.int(),
    name: z.string(),
    brand: z.string().nullable(),
    address: z.string(),
    timeZone: z.string(),
    methods: z.array(z.string()),
  }),
  grade: z.string(),
  pump: z.int().nullable(),
  nozzle: z.int().nullable(),
  unit: z.enum(['l', 'gal-us', 'gal-uk', 'kg']),
  currency: z.string(),
  volumeStep: z.string(),
  rounding: z.enum(['half-up', 'half-even', 'down', 'up']),
  officialPrice: z.string().nullable(),
  pumpPrice: z.string(),
  memberPrice: z.string().nullable(),
  money: z.string(),
  volume: z.string(),
  discount: z.string(),
  payable: z.string(),
  user: z.object({ name: z.string().nullable(), phone: z.string().nullable(), plate: z.string().nullable() }),
  locale: z.enum(['zh-CN', 'en']),
  placedAt: z.string(),
  priceHeldUntil: z.string(),
  expiresAt: z.string(),
  payment: paymentMessage.nullable(),
  refunds: z.array(
    z.object({
      refundRef: z.string(),
      state: z.enum(['due', 'requested', 'succeeded', 'abnormal']),
      amount: z.string(),
      reason: z.string(),
      /** By when it is with the driver at the latest, as the payment service promises. */
      promisedBy: z.string(),
    }),
  ),
  permit: permitMessage.nullable(),
  /** What the pump gave, where staff or the pump said so, and what that much costs. */
  dispensed: z.object({ volume: z.string(), payable: z.string() }).nullable(),
});

/** The answer to `POST /v1/orders`: the order and the token that alone may read it. */
export const placedOrderMessage = z.object({ order: orderMessage, accessToken: z.string() });

export type PlaceOrderMessage = z.infer<typeof placeOrderMessage>;
export type OrderMessage = z.infer<typeof orderMessage>;
export type PermitMessage = z.infer<typeof permitMessage>;
export type PlacedOrderMessage = z.infer<typeof placedOrderMessage>;
