import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../../base/clock.ts';
import type { Random } from '../../../base/random.ts';
import type { Fields } from '../provider.ts';
import { signText } from '../rsa-signature.ts';
import { makeNonce } from './request-signature.ts';

export type JsapiSettings = {
  readonly appId: string;
  readonly merchantKey: KeyObject;
  readonly clock: Clock;
  readonly random: Random;
};

/**
 * What the page inside WeChat hands to `WeixinJSBridge.invoke('getBrandWCPayRequest', …)`: `paySign` is SHA256-RSA2048 over
 * `appId\ntimeStamp\nnonceStr\nprepay_id=…\n` (WeChat Pay API v3, JSAPI paySign).
 */
export async function signJsapiCall(prepayId: string, settings: JsapiSettings): Promise<Fields> {
  const timeStamp = String(Math.floor(settings.clock() / 1000));
  const nonceStr = makeNonce(settings.random);
  const packageText = `prepay_id=${prepayId}`;
  const paySign = await signText(
    `${settings.appId}\n${timeStamp}\n${nonceStr}\n${packageText}\n`,
    settings.merchantKey,
  );
  return { appId: settings.appId, timeStamp, nonceStr, package: packageText, signType: 'RSA', paySign };
}
