import { z } from 'zod';
import { type Clock, hourMs } from '../../../base/clock.ts';
import { formatBeijingPlain } from '../beijing-time.ts';
import { type CreateInput, ProviderError } from '../provider.ts';
import { signText } from '../rsa-signature.ts';
import { formatYuan } from '../yuan.ts';
import { canonicalText } from './parameters.ts';
import type { App } from './request-signature.ts';

/** A code, and a page that was opened, can be paid for so long; an earlier `time_expire` ends them earlier. */
export const linkLivesMs = 2 * hourMs;
export const merchantRefPattern = /^[A-Za-z0-9_]{1,64}$/;
const subjectCharactersMax = 256;
const fenMax = 10_000_000_000;

export const surfaces = ['alipay.wap', 'alipay.qr'] as const;
export type AlipaySurface = (typeof surfaces)[number];

const reject = (why: string): ProviderError => new ProviderError('rejected', 'create', why);

/** The surface of `input`. Throws `ProviderError` of kind `rejected`, before any byte is sent, for an input that Alipay could not take. */
export function checkCreate(input: CreateInput): AlipaySurface {
  const surface = surfaces.find((one) => one === input.surface);
  if (surface === undefined) throw reject(`Alipay has no surface ${input.surface}`);
  if (!merchantRefPattern.test(input.attemptRef)) throw reject(`${input.attemptRef} is no out_trade_no`);
  if (input.amount.currency !== 'CNY') throw reject(`Alipay takes CNY, not ${input.amount.currency}`);
  if (!Number.isSafeInteger(input.amount.minor) || input.amount.minor < 1 || input.amount.minor > fenMax)
    throw reject(`${input.amount.minor} fen cannot be paid`);
  return surface;
}

/** Alipay takes no `/`, `=` or `&` in a subject, and its bill parts fields at commas. */
const cleanSubject = (subject: string): string =>
  Array.from(subject.replace(/[/=&,，\s]+/g, ' ').trim())
    .slice(0, subjectCharactersMax)
    .join('');

/** What both surfaces say of an order. `time_expire` is the last moment to pay, whenever the trade itself begins. */
const orderOf = (input: CreateInput) => ({
  out_trade_no: input.attemptRef,
  total_amount: formatYuan(input.amount.minor),
  subject: cleanSubject(input.subject),
  time_expire: formatBeijingPlain(input.expiresAt),
});

/** The same input gives the same body. */
export const precreateBody = (input: CreateInput) => ({ ...orderOf(input), notify_url: input.notifyUrl });

const precreated = z.object({ out_trade_no: z.string(), qr_code: z.string().min(1).max(1024) });

/** The code in a decoded answer, or null where there is none. */
export function readPrecreated(body: unknown): z.infer<typeof precreated> | null {
  const parsed = precreated.safeParse(body);
  return parsed.success ? parsed.data : null;
}

export type WapSettings = { readonly gateway: string; readonly app: App; readonly clock: Clock };

/**
 * The address of `alipay.trade.wap.pay`, which exists in version 2 of the API alone: nobody is called, the payer's browser brings the signed
 * order to Alipay. The same input gives the same order; only the timestamp around it moves.
 */
export async function wapUrl(input: CreateInput, { gateway, app, clock }: WapSettings): Promise<string> {
  const parameters = {
    app_id: app.appId,
    method: 'alipay.trade.wap.pay',
    format: 'JSON',
    charset: 'utf-8',
    sign_type: 'RSA2',
    // Beijing's time, whatever the zone of this machine.
    timestamp: formatBeijingPlain(clock()),
    version: '1.0',
    notify_url: input.notifyUrl,
    return_url: input.returnUrl,
    biz_content: JSON.stringify({
      ...orderOf(input),
      product_code: 'QUICK_WAP_WAY',
      quit_url: input.returnUrl,
    }),
  };
  const sign = await signText(canonicalText(parameters), app.appKey);
  return `${gateway}?${new URLSearchParams({ ...parameters, sign }).toString()}`;
}
