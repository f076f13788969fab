import { startAlipaySimulator } from './alipay/simulator.ts';
import { type PaymentDesk, startPaymentDesk } from './desk/payment-desk.ts';
import type { RunningSimulator, SimulatorOptions } from './service/simulation.ts';
import { startStripeSimulator } from './stripe/simulator.ts';
import { startWechatPaySimulator } from './wechat-pay/simulator.ts';

/** How each payment service that can be simulated is started, in the order in which the desk shows them. */
export const simulatorStarts = {
  'wechat-pay': startWechatPaySimulator,
  alipay: startAlipaySimulator,
  stripe: startStripeSimulator,
} as const satisfies Record<string, (options: SimulatorOptions) => Promise<RunningSimulator<unknown, unknown>>>;

export type SimulatedService = keyof typeof simulatorStarts;

type Started<Service extends SimulatedService> = Awaited<ReturnType<(typeof simulatorStarts)[Service]>>;

export type PaymentSimulators = {
  readonly services: { readonly [Service in SimulatedService]: Started<Service> };
  readonly desk: PaymentDesk;
  close(): Promise<void>;
};

/**
 * All payment services and the desk that plays them. `port` is the desk's, the services have the ports after it; 0 or none: any free ones. All
 * keep their records in one folder, each in a file of its own.
 */
export async function startPaymentSimulators(options: SimulatorOptions = {}): Promise<PaymentSimulators> {
  const { port = 0 } = options;
  const closes: (() => Promise<void>)[] = [];
  const closeAll = async (): Promise<void> => {
    for (const close of closes.toReversed()) await close();
  };
  const optionsAt = (place: number): SimulatorOptions => ({ ...options, port: port === 0 ? 0 : port + place });
  const keep = <One extends { close(): Promise<void> }>(one: One): One => {
    closes.push(() => one.close());
    return one;
  };
  try {
    const services = {
      'wechat-pay': keep(await startWechatPaySimulator(optionsAt(1))),
      alipay: keep(await startAlipaySimulator(optionsAt(2))),
      stripe: keep(await startStripeSimulator(optionsAt(3))),
    };
    const desk = keep(await startPaymentDesk({ services: Object.values(services).map((one) => one.desk), port }));
    return { services, desk, close: closeAll };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
