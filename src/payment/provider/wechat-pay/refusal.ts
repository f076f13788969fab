import { ProviderError, type ProviderErrorKind, type ProviderOperation } from '../provider.ts';

/** Its name for people. */
export const service = 'WeChat Pay';

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
      ...(code === 'NO_AUTH' && status === 403 ? { productNotSigned: true } : {}),
      ...(code === 'STATEMENT_CREATING' ? { billNotMadeYet: true } : {}),
      ...(requestId === undefined ? {} : { requestId }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  );
}

const notFoundCodes = ['ORDER_NOT_EXIST', 'ORDERNOTEXIST', 'RESOURCE_NOT_EXISTS'];

/** The service does not know the order or refund that it was asked for. */
export const isNotFound = ({ status, code }: RefusedAnswer): boolean =>
  status === 404 && code !== null && notFoundCodes.includes(code);
