import { z } from 'zod';
import { type CommonControl, commonControl, type ControlPowers, no, ok } from '../service/control.ts';
import type { FirstDelivery } from '../service/notifier.ts';
import type { Simulation } from '../service/simulation.ts';
import type { Credentials, MerchantCredentials } from './credentials.ts';
import type { WechatPayFaults, WechatPayWords } from './faults.ts';
import { claimsMessage, type Ledger, type Payment, type Refund } from './ledger.ts';
import type { WechatPayNotifier } from './notifier.ts';
import { declineOrder, type PayOutcome, type PayWish } from './pay.ts';
import { type RefundEnding, refundEndings, type Till } from './till.ts';

/** The powers of whoever runs the simulator. The HTTP API under `/_control/` has the same, one address for each. */
export type Control = CommonControl<WechatPayWords> & {
  credentials(): MerchantCredentials;
  /** The newest last. */
  payments(): readonly Payment[];
  payment(outTradeNo: string): Payment | undefined;
  pay(outTradeNo: string, wish?: PayWish, first?: FirstDelivery): PayOutcome;
  decline(outTradeNo: string): boolean;
  refunds(): readonly Refund[];
  /** How the next `times` refunds shall end; after them refunds succeed again. */
  endNextRefunds(ending: RefundEnding, times?: number): void;
  /** Ends a refund that is under way or abnormal, now. False where there is none. */
  endRefund(outRefundNo: string, ending: RefundEnding): boolean;
  rotateKeys(): Promise<MerchantCredentials>;
  /** Sends a SIGNTEST probe; the merchant must answer 4xx. Null: no answer. */
  probe(notifyUrl: string): Promise<number | null>;
};

export type ControlSettings = {
  readonly simulation: Simulation;
  readonly credentials: Credentials;
  readonly ledger: Ledger;
  readonly faults: WechatPayFaults;
  readonly notifier: WechatPayNotifier;
  readonly till: Till;
};

export function createControl(settings: ControlSettings): Control {
  const { simulation, credentials, ledger, faults, notifier, till } = settings;
  return {
    ...commonControl(simulation, faults, notifier),
    credentials: () => credentials.forMerchant(),
    payments: () => ledger.listPayments(),
    payment: (outTradeNo) => ledger.findPayment(outTradeNo),
    pay: (outTradeNo, wish, first) => till.pay(ledger.findPayment(outTradeNo), wish, first),
    decline: (outTradeNo) => declineOrder(ledger, ledger.findPayment(outTradeNo)),
    refunds: () => ledger.listRefunds(),
    endNextRefunds: (ending, times = 1) => till.endNextRefunds(ending, times),
    endRefund: (outRefundNo, ending) => till.endRefund(outRefundNo, ending),
    rotateKeys: () => credentials.rotate(),
    probe: (notifyUrl) => notifier.probe(notifyUrl),
  };
}

const payMessage = z.object({ evenIfLate: z.boolean().default(false), claims: claimsMessage.default({}) });
const probeMessage = z.object({ notifyUrl: z.url() });

/** The same powers for the HTTP control. */
export function controlPowers(control: Control, faults: WechatPayFaults): ControlPowers<RefundEnding> {
  return {
    ...control,
    common: control,
    addFault: (body) => faults.add(body),
    refundEndings,
    pay(outTradeNo, body) {
      const outcome = control.pay(outTradeNo, payMessage.parse(body));
      return outcome.kind === 'paid' ? ok(outcome.payment) : no(409, outcome.reason);
    },
    own: {
      'POST probes': async (body) => ok({ status: await control.probe(probeMessage.parse(body).notifyUrl) }),
    },
  };
}
