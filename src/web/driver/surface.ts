/** Inside WeChat's own WebView. */
export const isWechat = (userAgent: string): boolean => /MicroMessenger/i.test(userAgent);

const isPhone = (userAgent: string): boolean => /Android|iPhone|iPad|iPod|Mobile|HarmonyOS/i.test(userAgent);

/**
 * How WeChat Pay opens in this browser: within WeChat its own call, on a phone the H5 page that switches to WeChat, on a desk a QR code.
 * Undefined for other methods: the cloud knows what they need.
 */
export function surfaceFor(method: string, userAgent: string): string | undefined {
  if (method !== 'wechat-pay') return undefined;
  if (isWechat(userAgent)) return 'wechat.jsapi';
  return isPhone(userAgent) ? 'wechat.h5' : 'wechat.native';
}
