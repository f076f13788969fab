import { z } from 'zod';

/** All that stands on the slip, as the cloud sends it to the station. Amounts are decimal strings, ready to print. */
export const receiptMessage = z.object({
  stationNumber: z.int(),
  stationName: z.string(),
  stationBrand: z.string().nullable(),
  stationAddress: z.string(),
  timeZone: z.string(),
  locale: z.enum(['zh-CN', 'en']),
  pump: z.int().nullable(),
  nozzle: z.int().nullable(),
  grade: z.string(),
  unit: z.enum(['l', 'gal-us', 'gal-uk', 'kg']),
  currency: z.string(),
  volume: z.string(),
  pumpPrice: z.string(),
  memberPrice: z.string().nullable(),
  money: z.string(),
  discount: z.string(),
  payable: z.string(),
  /** The method's id, for example `wechat-pay`. */
  paidBy: z.string(),
  paidAt: z.string(),
  plate: z.string().nullable(),
  orderId: z.string(),
  volumeStep: z.string(),
  rounding: z.enum(['half-up', 'half-even', 'down', 'up']),
});

/** One permit for the station's device to issue. `token` is the text of the QR, `shortCode` what a person reads aloud. */
export const permitSlipMessage = z.object({
  permitId: z.string(),
  shortCode: z.string(),
  token: z.string(),
  issuedAt: z.string(),
  expiresAt: z.string(),
  receipt: receiptMessage,
});

export type ReceiptMessage = z.infer<typeof receiptMessage>;
export type PermitSlip = z.infer<typeof permitSlipMessage>;
