import { ProviderError, type RefundFact } from '../../../payment/provider/provider.ts';
import type { Refund } from '../../../payment/refund.ts';
import { mustBeAskedFor, nextTry, wasAskedFor } from '../../refund-payment.ts';
import { callService } from './call-service.ts';
import { type House, serviceOf } from '../house.ts';
import { saveRefundTries } from './rows.ts';
import { serveRefund, serveRefundQuery } from '../service/service-calls.ts';
import { settle } from './settle.ts';
import type { Step } from './step.ts';

/** As `refundPayment`: a refund that is due is asked for by the one name that it has, and one that was asked for is asked after first. */
export function* refundPayment(house: House, refund: Refund): Step<void> {
  const service = serviceOf(house, refund.provider);
  try {
    const fact = yield* ask(house, refund);
    yield* settle(house, [{ service, fact }]);
    if (fact.state !== 'succeeded') yield* tryLater(house, refund);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    yield* tryLater(house, refund);
  }
}

function* ask(house: House, refund: Refund): Step<RefundFact> {
  const service = serviceOf(house, refund.provider);
  const { attemptRef, amountMinor } = refund;
  const name = { attemptRef, refundRef: house.rules.nameRefund(refund) };
  if (wasAskedFor(refund)) {
    const fact = yield* callService(house, service, 'queryRefund', (now) => serveRefundQuery(service, name, now));
    if (!mustBeAskedFor(refund, fact)) return fact;
  }
  return yield* callService(house, service, 'refund', (now) => serveRefund(service, { ...name, amountMinor }, now));
}

function* tryLater(house: House, refund: Refund): Step<void> {
  yield 'rows';
  saveRefundTries(house.rows, nextTry(refund, house.now));
}
