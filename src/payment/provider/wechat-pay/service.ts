import type { PaymentService } from '../service.ts';
import { readSurfaces, wordsOf } from '../surface-setting.ts';
import { surfaces } from './create.ts';
import { createWechatPay } from './wechat-pay.ts';

/** What an operator tells of an account at WeChat Pay. */
export const wechatPayService: PaymentService = {
  id: 'wechat-pay',
  settings: {
    merchantId: { kind: 'text', help: 'mchid, ten digits', isShownByCalls: true },
    appId: {
      kind: 'text',
      help: 'appid of the official account or mini program that is bound to the merchant',
      shownByPayment: 'whether the appId is bound to the merchant',
    },
    merchantSerial: {
      kind: 'text',
      help: 'serial number of the merchant certificate, hexadecimal',
      isShownByCalls: true,
    },
    merchantKey: { kind: 'secret', help: "the merchant's private key, PEM", isShownByCalls: true },
    apiV3Key: {
      kind: 'secret',
      help: 'the APIv3 key, 32 characters; while it is being changed the new and the old one, a line each',
      shownByPayment: 'the APIv3 key',
    },
    platformKeys: {
      kind: 'keys',
      help: "the service's public keys or certificates by serial, old and new ones; the first is asked for",
    },
    appSecret: {
      kind: 'secret',
      help: 'of the official account; with it WeChat itself pays inside WeChat (JSAPI)',
      fallback: '',
    },
    surfaces: {
      kind: 'text',
      help: 'the products that the merchant has signed, of jsapi, h5 and native; the others are not offered',
      shownByPayment: 'whether the products in surfaces are signed',
      fallback: wordsOf(surfaces),
    },
    url: { kind: 'text', help: 'where the API is', fallback: 'https://api.mch.weixin.qq.com' },
    signInUrl: { kind: 'text', help: 'the page where WeChat says who pays', fallback: 'https://open.weixin.qq.com' },
    signInApiUrl: { kind: 'text', help: 'where its code is read', fallback: 'https://api.weixin.qq.com' },
  },
  open({ texts, keys }, tools) {
    const text = (name: string): string => (texts[name] ?? '').trim();
    const platformKeys = keys['platformKeys'] ?? {};
    const [preferredSerial = ''] = Object.keys(platformKeys);
    const appSecret = text('appSecret');
    return createWechatPay({
      ...tools,
      merchantId: text('merchantId'),
      appId: text('appId'),
      merchantSerial: text('merchantSerial'),
      merchantPrivateKey: text('merchantKey'),
      apiV3Key: text('apiV3Key')
        .split(/\s+/)
        .filter((key) => key !== ''),
      platformKeys,
      preferredSerial,
      surfaces: readSurfaces(text('surfaces'), surfaces),
      baseUrl: text('url'),
      ...(appSecret === '' ? {} : { signIn: { appSecret, pageUrl: text('signInUrl'), apiUrl: text('signInApiUrl') } }),
    });
  },
};
