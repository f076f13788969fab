/** Inside WeChat's own WebView. */
export const isWechat = (userAgent: string): boolean => /MicroMessenger/i.test(userAgent);

const isPhone = (userAgent: string): boolean => /Android|iPhone|iPad|iPod|Mobile|HarmonyOS/i.test(userAgent);

/**
 * How WeChat Pay opens in this browser: on a phone the H5 page that switches to WeChat, on a desk a QR code. Inside WeChat a QR code too, for
 * another phone: its own call wants the payer's openid, which this page does not know, and its H5 page refuses to open there.
 * Undefined for other methods: the cloud knows what they need.
 */
export function surfaceFor(method: string, userAgent: string): string | undefined {
  if (method !== 'wechat-pay') return undefined;
  return isPhone(userAgent) && !isWechat(userAgent) ? 'wechat.h5' : 'wechat.native';
}
