import { Stripe } from 'stripe';
import { secondMs } from '../../../base/clock.ts';
import type { RawAnswer } from '../fetch-answer.ts';
import { ProviderError, type ProviderErrorKind, type ProviderOperation } from '../provider.ts';

/**
 * What an answer that is no success means for the money. Only a refusal in Stripe's own words is definite: a 5xx says nothing of what happened,
 * neither the first time nor when the idempotency store gives it again for a day, and an HTML page comes from something in between. A 409 says that the
 * same key is being worked on at this moment.
 */
export function kindOfRefusal(operation: ProviderOperation, status: number, error: unknown): ProviderErrorKind {
  const { errors } = Stripe;
  if (status === 429 || error instanceof errors.StripeRateLimitError) return 'rate_limited';
  if (status < 400 || status >= 500 || status === 408 || status === 409) return 'unknown';
  if (!(error instanceof errors.StripeError) || error.rawType === undefined) return 'unknown';
  if (error instanceof errors.StripeAuthenticationError || error instanceof errors.StripePermissionError) return 'auth';
  // We name only what Stripe itself has named to us: a key of another account, or of the other mode, does not see it.
  if (error.code === 'resource_missing') return 'auth';
  if (error instanceof errors.StripeCardError || error.code === 'balance_insufficient') return 'declined';
  // The reference was used with other parameters. What became of that refund has to be asked; an attempt that is called again is closed first anyway.
  if (error instanceof errors.StripeIdempotencyError) return operation === 'create' ? 'rejected' : 'unknown';
  return 'rejected';
}

const messageCharactersMax = 200;

export function refusedCall(
  operation: ProviderOperation,
  { status, headers }: RawAnswer,
  error: unknown,
): ProviderError {
  const kind = kindOfRefusal(operation, status, error);
  const code = error instanceof Stripe.errors.StripeError ? (error.code ?? error.rawType) : undefined;
  const message = error instanceof Error ? error.message.slice(0, messageCharactersMax) : String(error);
  const requestId = headers.get('request-id');
  const retryAfter = headers.get('retry-after');
  return new ProviderError(
    kind,
    operation,
    `Stripe answered ${operation} with ${status} ${code ?? 'and no code'}: ${message}`,
    {
      httpStatus: status,
      ...(code === undefined ? {} : { providerCode: code }),
      ...(requestId === null ? {} : { requestId }),
      ...(retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? { retryAfterMs: Number(retryAfter) * secondMs } : {}),
    },
    { cause: error },
  );
}
