/** Alipay's sandbox (`openapi-sandbox.dl.alipaydev.com`, once `openapi.alipaydev.com`) pays with money that is none. */
export const isSandbox = ({ hostname }: URL): boolean => /(^|\.)alipaydev\.com\.?$/.test(hostname);
