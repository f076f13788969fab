import { type Evidence, ProviderError, type ProviderOperation } from './provider.ts';

const untouchedSystemCalls = ['connect', 'getaddrinfo'];
const untouchedCodes = [
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
];

const isIn = (list: readonly string[], value: unknown): boolean => typeof value === 'string' && list.includes(value);

/**
 * Whether a failed call surely sent no byte: name not found, connection not made, certificate not accepted. A reset says nothing of the
 * kind, because the request may have arrived before it.
 */
export function sentNothing(cause: unknown): boolean {
  if (cause instanceof AggregateError) return cause.errors.length > 0 && cause.errors.every(sentNothing);
  if (!(cause instanceof Error)) return false;
  return (
    ('syscall' in cause && isIn(untouchedSystemCalls, cause.syscall)) ||
    ('code' in cause && isIn(untouchedCodes, cause.code))
  );
}

/** A call that brought no answer at all. `service` is its name for people: `WeChat Pay`. */
export function failedCall(service: string, operation: ProviderOperation, error: unknown): ProviderError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const kind = sentNothing(cause) ? 'unreachable' : 'unknown';
  const text = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new ProviderError(kind, operation, `${service} gave no answer to ${operation}: ${text}`, {}, { cause: error });
}

/** An answer that cannot be believed leaves the outcome open. */
export function unbelievableAnswer(
  service: string,
  operation: ProviderOperation,
  why: string,
  evidence: Evidence,
): ProviderError {
  const { httpStatus, requestId, clockSkewMs } = evidence;
  return new ProviderError('unknown', operation, `${service}'s answer to ${operation} cannot be believed: ${why}`, {
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(clockSkewMs === undefined ? {} : { clockSkewMs }),
  });
}
