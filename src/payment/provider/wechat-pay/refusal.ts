import { ProviderError, type ProviderErrorKind, type ProviderOperation } from '../provider.ts';

/** An answer that is not a verified 2xx, as the service or something between us and it gave it. `code` is null where the body was no refusal of WeChat Pay's own. */
export type RefusedAnswer = {
  readonly status: number;
  readonly code: string | null;
  readonly message: string;
  readonly requestId?: string;
  readonly retryAfterMs?: number;
};

const kindByCode = new Map<string, ProviderErrorKind>([
  ['SIGN_ERROR', 'auth'],
  ['NO_AUTH', 'auth'],
  ['FREQUENCY_LIMITED', 'rate_limited'],
  ['FREQUENCY_LIMIT_EXCEED', 'rate_limited'],
  ['RATELIMIT_EXCEEDED', 'rate_limited'],
  ['OUT_TRADE_NO_USED', 'rejected'],
  ['268498688', 'rejected'],
  ['ORDER_CLOSED', 'rejected'],
  // Money has moved under this number, so the caller must query, whatever it asked for.
  ['ORDERPAID', 'unknown'],
  ['RULE_LIMIT', 'declined'],
  ['RULELIMIT', 'declined'],
  ['ACCOUNT_ERROR', 'declined'],
  ['ACCOUNTERROR', 'declined'],
  ['TRADE_ERROR', 'declined'],
  ['NOT_ENOUGH', 'declined'],
  ['USER_ACCOUNT_ABNORMAL', 'declined'],
  ['SYSTEM_ERROR', 'unknown'],
  ['STATEMENT_CREATING', 'unknown'],
]);

/**
 * What a refused answer means for the money. A 202 is accepted and not done; a 5xx or a body that is not WeChat Pay's (an HTML page of a
 * gateway) says nothing about what happened; only a refusal in WeChat Pay's own words is definite.
 */
export function kindOfRefusal(answer: RefusedAnswer): ProviderErrorKind {
  if (answer.status === 401) return 'auth';
  if (answer.status === 429) return 'rate_limited';
  if (answer.status < 400 || answer.status >= 500 || answer.status === 408 || answer.code === null) return 'unknown';
  return kindByCode.get(answer.code) ?? 'rejected';
}

export function refusedCall(operation: ProviderOperation, answer: RefusedAnswer): ProviderError {
  const { status, code, message, requestId, retryAfterMs } = answer;
  return new ProviderError(
    kindOfRefusal(answer),
    operation,
    `WeChat Pay answered ${operation} with ${status} ${code ?? 'and no code'}: ${message}`,
    {
      httpStatus: status,
      ...(code === null ? {} : { providerCode: code }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  );
}

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
 * Whether a failed `fetch` surely sent no byte: name not found, connection not made, certificate not accepted. A reset says nothing of the
 * kind, because the request may have arrived before it.
 */
function sentNothing(cause: unknown): boolean {
  if (cause instanceof AggregateError) return cause.errors.length > 0 && cause.errors.every(sentNothing);
  if (!(cause instanceof Error)) return false;
  return (
    ('syscall' in cause && isIn(untouchedSystemCalls, cause.syscall)) ||
    ('code' in cause && isIn(untouchedCodes, cause.code))
  );
}

/** A call that brought no answer at all. */
export function failedCall(operation: ProviderOperation, error: unknown): ProviderError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const kind = sentNothing(cause) ? 'unreachable' : 'unknown';
  const text = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new ProviderError(kind, operation, `WeChat Pay gave no answer to ${operation}: ${text}`, {}, { cause: error });
}
