import type { PaymentSurface } from './provider/provider.ts';

/**
 * In which order the surfaces are tried, by the browser that asks. Inside WeChat only its own call opens it, and it blocks Alipay's pages, so
 * there a code for another phone is what is left; inside Alipay it is the other way round. A phone is handed to the service's app, a desk shows a code.
 */
const surfacesBy = {
  wechat: ['wechat.jsapi', 'wechat.native', 'alipay.qr', 'card.hosted'],
  alipay: ['alipay.wap', 'wechat.native', 'card.hosted'],
  phone: ['wechat.h5', 'alipay.wap', 'card.hosted'],
  desk: ['wechat.native', 'alipay.qr', 'card.hosted'],
} as const satisfies Record<string, readonly PaymentSurface[]>;

/** WeChat's own call needs to know who pays, which only an account that WeChat lets sign its payers in can learn. */
export type SurfaceWish = {
  readonly surfaces: readonly PaymentSurface[];
  readonly userAgent: string;
  readonly payerIsKnown: boolean;
};

/** The surface that fits the browser; undefined where the service has none that does. */
export function chooseSurface({ surfaces, userAgent, payerIsKnown }: SurfaceWish): PaymentSurface | undefined {
  return surfacesBy[browserOf(userAgent)].find(
    (one) => surfaces.includes(one) && (one !== 'wechat.jsapi' || payerIsKnown),
  );
}

function browserOf(userAgent: string): keyof typeof surfacesBy {
  if (/MicroMessenger/i.test(userAgent)) return 'wechat';
  if (/AlipayClient/i.test(userAgent)) return 'alipay';
  return /Android|iPhone|iPad|iPod|Mobile|HarmonyOS/i.test(userAgent) ? 'phone' : 'desk';
}
