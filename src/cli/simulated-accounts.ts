import { createAccounts, notificationPath, type PaymentAccount, type PaymentAccounts } from '../payment/account.ts';
import { createAlipay } from '../payment/provider/alipay/alipay.ts';
import type { ProviderTools } from '../payment/provider/service.ts';
import { createStripe } from '../payment/provider/stripe/stripe.ts';
import { createWechatPay } from '../payment/provider/wechat-pay/wechat-pay.ts';
import type { PaymentSimulators, SimulatedService } from '../simulator/payment-simulators.ts';

export type Simulators = PaymentSimulators['services'];

/** The real clients opposite the simulators, each with the account that its simulator has made for it. */
export function simulatedAccounts(
  simulators: Partial<Simulators>,
  toolsOf: (service: SimulatedService) => Omit<ProviderTools, 'account'>,
  confirm: PaymentAccount['confirm'] = 'never',
): PaymentAccounts {
  const { 'wechat-pay': wechatPay, alipay, stripe } = simulators;
  const providers = [
    wechatPay === undefined
      ? []
      : createWechatPay({
          ...toolsOf('wechat-pay'),
          ...wechatPay.credentials,
          baseUrl: wechatPay.url,
          signIn: { appSecret: wechatPay.credentials.appSecret, pageUrl: wechatPay.url, apiUrl: wechatPay.url },
        }),
    alipay === undefined ? [] : createAlipay({ ...toolsOf('alipay'), ...alipay.credentials, baseUrl: alipay.url }),
    stripe === undefined ? [] : createStripe({ ...toolsOf('stripe'), ...stripe.credentials, baseUrl: stripe.url }),
  ].flat();
  return createAccounts(providers.map((provider) => ({ provider, stations: null, confirm })));
}

/** As an operator does at Stripe's dashboard: that service alone is not told with each order where its news shall go. */
export function registerWebhook({ stripe }: Partial<Simulators>, accounts: PaymentAccounts, cloudUrl: string): void {
  const provider = accounts.named('stripe', 'main');
  if (provider !== undefined) stripe?.control.setWebhookUrl(cloudUrl + notificationPath(provider));
}
