import { alipayService } from './alipay/service.ts';
import type { PaymentService } from './service.ts';
import { stripeService } from './stripe/service.ts';
import { wechatPayService } from './wechat-pay/service.ts';

/** Every payment service that Forecourt can be paid through. */
export const paymentServices: readonly PaymentService[] = [wechatPayService, alipayService, stripeService];
