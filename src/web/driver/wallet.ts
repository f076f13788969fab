/** The method whose own app this browser belongs to, or null: WeChat's or Alipay's WebView. */
export const walletOf = (userAgent: string): string | null =>
  /MicroMessenger/i.test(userAgent) ? 'wechat-pay' : /AlipayClient/i.test(userAgent) ? 'alipay' : null;
