import type { PaymentService } from '../service.ts';
import { readSurfaces, wordsOf } from '../surface-setting.ts';
import { surfaces } from './create.ts';
import { createAlipay } from './alipay.ts';

/** What an operator tells of an account at Alipay. */
export const alipayService: PaymentService = {
  id: 'alipay',
  settings: {
    appId: { kind: 'text', help: 'APPID of the app in the open platform, sixteen digits', isShownByCalls: true },
    sellerId: {
      kind: 'text',
      help: "the merchant's number (PID), 2088 and twelve digits",
      shownByPayment: "the merchant's number (sellerId)",
    },
    appPrivateKey: {
      kind: 'secret',
      help: "the app's private key: PEM, or the base64 that Alipay's key tool writes",
      isShownByCalls: true,
    },
    publicKeys: {
      kind: 'secret',
      help: "Alipay's public key for this app (支付宝公钥), PEM or base64; while it is being changed the new and the old one, one after another",
    },
    surfaces: {
      kind: 'text',
      help: 'the products that the merchant has signed, of wap and qr; the other is not offered',
      shownByPayment: 'whether the products in surfaces are signed and the app is online',
      fallback: wordsOf(surfaces),
    },
    url: { kind: 'text', help: 'where the API is', fallback: 'https://openapi.alipay.com' },
  },
  open({ texts }, tools) {
    const text = (name: string): string => texts[name] ?? '';
    return createAlipay({
      ...tools,
      appId: text('appId').trim(),
      sellerId: text('sellerId').trim(),
      appPrivateKey: text('appPrivateKey'),
      alipayPublicKeys: text('publicKeys'),
      surfaces: readSurfaces(text('surfaces'), surfaces),
      baseUrl: text('url').trim(),
    });
  },
};
