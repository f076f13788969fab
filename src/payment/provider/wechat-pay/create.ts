import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { type Clock, hourMs, minuteMs } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import { type CreateInput, type Created, ProviderError } from '../provider.ts';
import { formatBeijing } from '../beijing-time.ts';
import { signJsapiCall } from './jsapi-call.ts';

export const h5UrlLivesMs = 5 * minuteMs;
export const codeUrlLivesMs = 2 * hourMs;
export const merchantRefPattern = /^[0-9A-Za-z_\-|*]{6,32}$/;
const descriptionCharactersMax = 127;

export const surfaces = ['wechat.jsapi', 'wechat.h5', 'wechat.native'] as const;
export type WechatPaySurface = (typeof surfaces)[number];

export type OrderSettings = {
  readonly appId: string;
  readonly merchantId: string;
  readonly merchantKey: KeyObject;
  readonly clock: Clock;
  readonly random: Random;
};

const reject = (why: string): ProviderError => new ProviderError('rejected', 'create', why);

/** The surface of `input`. Throws `ProviderError` of kind `rejected`, before any byte is sent, for an input that WeChat Pay could not take. */
export function checkCreate(input: CreateInput): WechatPaySurface {
  const surface = surfaces.find((one) => one === input.surface);
  if (surface === undefined) throw reject(`WeChat Pay has no surface ${input.surface}`);
  if (!merchantRefPattern.test(input.attemptRef)) throw reject(`${input.attemptRef} is no out_trade_no`);
  if (input.amount.currency !== 'CNY') throw reject(`WeChat Pay takes CNY, not ${input.amount.currency}`);
  if (!Number.isSafeInteger(input.amount.minor) || input.amount.minor < 1)
    throw reject(`${input.amount.minor} fen cannot be paid`);
  if (surface === 'wechat.jsapi' && input.payer.openId === undefined)
    throw reject('wechat.jsapi needs the openid of the payer');
  return surface;
}

export const createTarget = (surface: WechatPaySurface): string =>
  `/v3/pay/transactions/${surface.slice('wechat.'.length)}`;

/** The same input gives the same body: a repeat under the same out_trade_no must have identical parameters. */
export function createRequestBody(input: CreateInput, surface: WechatPaySurface, settings: OrderSettings): object {
  return {
    appid: settings.appId,
    mchid: settings.merchantId,
    description: Array.from(input.subject).slice(0, descriptionCharactersMax).join(''),
    out_trade_no: input.attemptRef,
    time_expire: formatBeijing(input.expiresAt),
    notify_url: input.notifyUrl,
    amount: { total: input.amount.minor, currency: 'CNY' },
    ...(surface === 'wechat.jsapi' ? { payer: { openid: input.payer.openId } } : {}),
    ...(surface === 'wechat.h5' ? { scene_info: { payer_client_ip: input.payer.ip, h5_info: { type: 'Wap' } } } : {}),
  };
}

type CreatedBody = { readonly h5_url?: string; readonly code_url?: string; readonly prepay_id?: string };

const createdBody: Record<WechatPaySurface, z.ZodType<CreatedBody>> = {
  'wechat.h5': z.object({ h5_url: z.url() }),
  'wechat.native': z.object({ code_url: z.string().min(1) }),
  'wechat.jsapi': z.object({ prepay_id: z.string().min(1) }),
};

/** What the driver's phone does next, or null where the answer holds nothing that can be paid. */
export async function readCreated(
  body: unknown,
  input: CreateInput,
  surface: WechatPaySurface,
  settings: OrderSettings,
): Promise<Created | null> {
  const parsed = createdBody[surface].safeParse(body);
  if (!parsed.success) return null;
  const livesMs = surface === 'wechat.h5' ? h5UrlLivesMs : codeUrlLivesMs;
  const nextExpiresAt = Math.min(settings.clock() + livesMs, input.expiresAt);
  const { h5_url: h5Url, code_url: codeUrl, prepay_id: prepayId } = parsed.data;
  if (h5Url !== undefined) {
    const url = withReturn(h5Url, input.returnUrl);
    return {
      providerRef: new URL(h5Url).searchParams.get('prepay_id'),
      next: { kind: 'redirect', url },
      nextExpiresAt,
    };
  }
  if (codeUrl !== undefined) return { providerRef: null, next: { kind: 'qr', payload: codeUrl }, nextExpiresAt };
  if (prepayId === undefined) return null;
  return {
    providerRef: prepayId,
    next: { kind: 'jsapi', params: await signJsapiCall(prepayId, settings) },
    nextExpiresAt,
  };
}

/** WeChat returns the browser to `redirect_url` if the merchant appends it to h5_url as it stands (WeChat Pay H5, redirect_url). */
const withReturn = (h5Url: string, returnUrl: string): string =>
  `${h5Url}${h5Url.includes('?') ? '&' : '?'}redirect_url=${encodeURIComponent(returnUrl)}`;
