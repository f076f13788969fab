import type { Clock } from '../base/clock.ts';
import type { CallOptions, ProviderError } from '../payment/provider/provider.ts';
import type { Alarm } from './alarm.ts';

/** What every call to a payment service needs besides the service. */
export type CallWorld = {
  readonly now: Clock;
  readonly alarm: Alarm;
};

/** How long one call may take; then its outcome is unknown. */
export const callMsMax = 8_000;

export const callOptions = (): CallOptions => ({ signal: AbortSignal.timeout(callMsMax), timeoutMs: callMsMax });

/**
 * A person hears where the service takes our key, serial or clock for wrong, and where an answer that looks like success cannot be believed.
 * Silence and 5xx are the weather: the next try deals with them.
 */
export function raiseCallAlarm({ alarm }: CallWorld, attemptRef: string, error: ProviderError): void {
  const { kind, operation, detail } = error;
  const forged = kind === 'unknown' && (detail.httpStatus === 200 || detail.httpStatus === 204);
  if (kind === 'auth') alarm('payment_service_refuses_us', { attemptRef, operation, why: error.message });
  if (kind === 'integrity' || forged)
    alarm('payment_answer_unbelievable', { attemptRef, operation, why: error.message });
}
