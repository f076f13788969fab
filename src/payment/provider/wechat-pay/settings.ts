import { readServiceUrl } from '../service-url.ts';

export type WechatPayNames = {
  readonly merchantId: string;
  readonly appId: string;
  readonly merchantSerial: string;
  readonly baseUrl: string;
};

/** Where the API is. Throws an Error that names the setting and what it has to be, and never what it was. */
export function checkSettings({ merchantId, appId, merchantSerial, baseUrl }: WechatPayNames): URL {
  if (!/^\d{8,10}$/.test(merchantId))
    throw new Error("merchantId must be the merchant's number at WeChat Pay (mchid): ten digits, eight for an old one");
  if (!/^w[wx][0-9A-Za-z]{16}$/.test(appId))
    throw new Error('appId must be the appid of an official account or mini program: wx and sixteen characters');
  if (!/^[0-9A-Fa-f]{1,40}$/.test(merchantSerial))
    throw new Error(
      "merchantSerial must be the serial number of the merchant's own API certificate: hexadecimal, without colons or spaces",
    );
  return readServiceUrl({ name: 'url', text: baseUrl, example: 'https://api.mch.weixin.qq.com' });
}
