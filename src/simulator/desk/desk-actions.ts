import { z } from 'zod';
import { secondMs } from '../../base/clock.ts';
import type { DeskService } from '../service/desk-service.ts';
import { faultsMax } from '../service/faults.ts';
import type { FirstDelivery } from '../service/notifier.ts';

/** So long the notification of a payment is held back, in simulated time. */
const heldBackMs = 30 * secondMs;

/** What came of a button. `name` is the word for it, or why it was refused. */
export type DeskOutcome = { readonly done: boolean; readonly name: string };

const done = (name: string): DeskOutcome => ({ done: true, name });
const refused = (name: string): DeskOutcome => ({ done: false, name });
const ending = (refusal: string | null, name: string): DeskOutcome =>
  refusal === null ? done(name) : refused(refusal);

const firstDeliveries = {
  at_once: { kind: 'at_once' },
  held_back: { kind: 'held_back', ms: heldBackMs },
  doubled: { kind: 'doubled' },
} as const satisfies Record<string, FirstDelivery>;

const payForm = z.object({ first: z.enum(['at_once', 'held_back', 'doubled']) });
const endForm = z.object({ ending: z.enum(['succeeded', 'failed']) });
const faultForm = z.object({
  operation: z.string(),
  kind: z.string(),
  times: z.coerce.number(),
  ms: z.coerce.number().default(0),
});

/**
 * Presses a button of the page: `payments/SERVICE/REF/pay|decline|resend`, `refunds/SERVICE/REF/end`, `faults/SERVICE/order|clear`. Null where there is
 * no such button.
 */
export function pressButton(
  services: readonly DeskService[],
  [noun, serviceId, ...rest]: readonly string[],
  form: URLSearchParams,
): DeskOutcome | null {
  const service = services.find((one) => one.id === serviceId);
  if (service === undefined) return null;
  const fields = Object.fromEntries(form);
  const [first = '', verb] = rest;
  try {
    switch (`${noun}/${rest.length === 1 ? first : verb}`) {
      case 'payments/pay':
        return ending(service.pay(first, firstDeliveries[payForm.parse(fields).first]), 'paid');
      case 'payments/decline':
        return ending(service.decline(first), 'declined');
      case 'payments/resend':
        return resendLatest(service, first);
      case 'refunds/end':
        return service.endRefund(first, endForm.parse(fields).ending) ? done('refund_ended') : refused('not_open');
      case 'faults/order':
        return orderFault(service, fields);
      case 'faults/clear':
        service.clearFaults();
        return done('faults_cleared');
      default:
        return null;
    }
  } catch (error) {
    if (error instanceof z.ZodError) return refused('malformed_wish');
    throw error;
  }
}

function orderFault(service: DeskService, fields: unknown): DeskOutcome {
  if (service.faults().length >= faultsMax) return refused('too_many_faults');
  service.addFault(faultForm.parse(fields));
  return done('fault_ordered');
}

/** The last notification that tells of a payment or refund. */
function resendLatest(service: DeskService, ref: string): DeskOutcome {
  const notice = service.notices().findLast((one) => one.about === ref);
  return notice !== undefined && service.resend(notice.id) ? done('resent') : refused('nothing_to_resend');
}
