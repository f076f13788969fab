import { z } from 'zod';
import { type CommonControl, commonControl, type ControlPowers, done, no, ok } from '../service/control.ts';
import type { FirstDelivery } from '../service/notifier.ts';
import type { Simulation } from '../service/simulation.ts';
import type { Credentials, MerchantCredentials } from './credentials.ts';
import type { AlipayFaults, AlipayWords } from './faults.ts';
import { type RefundEnding, refundEndings } from './give-back.ts';
import { claimsMessage, type Ledger, type Payment, type Refund } from './ledger.ts';
import type { AlipayNotifier } from './notifier.ts';
import type { Till } from './till.ts';
import { declineTrade, type PayOutcome, type PayWish } from './trade.ts';

/** The powers of whoever runs the simulator. The HTTP API under `/_control/` has the same, one address for each. */
export type Control = CommonControl<AlipayWords> & {
  credentials(): MerchantCredentials;
  /** The newest last; orders whose payer has not come yet are among them. */
  payments(): readonly Payment[];
  payment(outTradeNo: string): Payment | undefined;
  /** The payer scans the code, or signs in on the page that was opened: the trade begins. False where it cannot be paid any more. */
  scan(outTradeNo: string): boolean;
  /** A page's order is known only once it was opened. Scanning and signing in are part of it. */
  pay(outTradeNo: string, wish?: PayWish, first?: FirstDelivery): PayOutcome;
  decline(outTradeNo: string): boolean;
  refunds(): readonly Refund[];
  /** How the next `times` refunds shall end; after them refunds succeed again. */
  endNextRefunds(ending: RefundEnding, times?: number): void;
  /** Ends a refund that has not succeeded, now. False where there is none. */
  endRefund(outRequestNo: string, ending: RefundEnding): boolean;
  /** A person gives money back in Alipay's own console. Null: done; else Alipay's code. */
  refundElsewhere(outTradeNo: string, refundFen: number, outRequestNo: string): string | null;
  rotateKeys(): Promise<MerchantCredentials>;
};

export type ControlSettings = {
  readonly simulation: Simulation;
  readonly credentials: Credentials;
  readonly ledger: Ledger;
  readonly faults: AlipayFaults;
  readonly notifier: AlipayNotifier;
  readonly till: Till;
};

export function createControl(settings: ControlSettings): Control {
  const { simulation, credentials, ledger, faults, notifier, till } = settings;
  return {
    ...commonControl(simulation, faults, notifier),
    credentials: () => credentials.forMerchant(),
    payments: () => ledger.listPayments(),
    payment: (outTradeNo) => ledger.findPayment(outTradeNo),
    scan: (outTradeNo) => till.begin(ledger.findPayment(outTradeNo)) !== null,
    pay: (outTradeNo, wish, first) => till.pay(ledger.findPayment(outTradeNo), wish, first),
    decline: (outTradeNo) => declineTrade(ledger, ledger.findPayment(outTradeNo)),
    refunds: () => ledger.listRefunds(),
    endNextRefunds: (ending, times = 1) => till.endNextRefunds(ending, times),
    endRefund: (outRequestNo, ending) => till.endRefund(outRequestNo, ending),
    refundElsewhere(outTradeNo, refundFen, outRequestNo) {
      const answer = till.refundElsewhere(outTradeNo, refundFen, outRequestNo);
      return answer.kind === 'done' ? null : answer.code;
    },
    rotateKeys: () => credentials.rotate(),
  };
}

const payMessage = z.object({ evenIfLate: z.boolean().default(false), claims: claimsMessage.default({}) });
const elsewhereMessage = z.object({
  outTradeNo: z.string().max(64),
  refundFen: z.int().min(1),
  outRequestNo: z.string().regex(/^[\w-]{1,64}$/),
});

/** The same powers for the HTTP control. */
export function controlPowers(control: Control, faults: AlipayFaults): ControlPowers<RefundEnding> {
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
      'POST payments/:key/scan': (_body, outTradeNo) => (control.scan(outTradeNo) ? done : no(409, 'not_open')),
      'POST refunds': (body) => {
        const { outTradeNo, refundFen, outRequestNo } = elsewhereMessage.parse(body);
        const refusal = control.refundElsewhere(outTradeNo, refundFen, outRequestNo);
        return refusal === null ? done : no(409, refusal);
      },
    },
  };
}
