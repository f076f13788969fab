import { z } from 'zod';

const fields = z.record(z.string(), z.string());

/** What the phone does next to let the driver pay. */
export const nextActionMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('redirect'), url: z.string() }),
  z.object({ kind: z.literal('qr'), payload: z.string() }),
  z.object({ kind: z.literal('jsapi'), params: fields }),
  z.object({ kind: z.literal('form'), action: z.string(), fields }),
]);

export const startPaymentMessage = z.object({
  method: z.string().max(32),
  /** `wechat.h5`, `wechat.jsapi`, `wechat.native`; without it the surface that fits the browser is taken. */
  surface: z.string().max(32).optional(),
  /** The payer's openid, needed by `wechat.jsapi`, where the caller knows it. */
  openId: z
    .string()
    .regex(/^[\w-]{1,128}$/)
    .optional(),
  /** What WeChat sent the payer back with from the address in the hint of `payer_missing`; in place of an openid. */
  signInCode: z
    .string()
    .regex(/^[\w-]{1,128}$/)
    .optional(),
  /** An earlier attempt is still being checked, the driver was told that a double payment goes back, and wants to pay in this way all the same. */
  insists: z.boolean().default(false),
});

export const paymentMessage = z.object({
  attemptRef: z.string(),
  method: z.string(),
  surface: z.string(),
  state: z.enum(['created', 'pending', 'paid', 'partly_refunded', 'refunded', 'failed', 'closed']),
  /** True while nobody can say whether money moved: show "checking your payment". */
  unknown: z.boolean(),
  next: nextActionMessage.nullable(),
  nextExpiresAt: z.string().nullable(),
  paidAt: z.string().nullable(),
});

export type NextAction = z.infer<typeof nextActionMessage>;
export type StartPaymentMessage = z.infer<typeof startPaymentMessage>;
export type PaymentMessage = z.infer<typeof paymentMessage>;
