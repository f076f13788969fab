import { ProviderError, type ProviderErrorKind, type ProviderOperation } from '../provider.ts';

/** Its name for people. */
export const service = 'Alipay';

/** An answer that is not a verified yes. `code` is null where the body was no refusal of Alipay's own. */
export type RefusedAnswer = {
  readonly status: number;
  readonly code: string | null;
  readonly message: string;
  readonly requestId?: string;
  readonly retryAfterMs?: number;
  readonly clockSkewMs?: number;
};

const notFoundCode = 'ACQ.TRADE_NOT_EXIST';
const otherwiseMeant = [202, 401, 403, 408, 429];

/** Alipay knows no trade under the number that it was asked for. */
export const isNotFound = (answer: RefusedAnswer): boolean => isBusiness(answer) && answer.code === notFoundCode;

const noBillCodes = ['BILL_NOT_EXIST', 'NO_BILL_DATA'];

/** Alipay has no bill of the day that it was asked for. */
export const isNoBill = (answer: RefusedAnswer): boolean =>
  isBusiness(answer) && noBillCodes.some((code) => answer.code?.includes(code) === true);

/** Whether a refusal speaks of the trade; then its code says all. */
export const isBusiness = ({ status, code }: RefusedAnswer): boolean =>
  status < 500 && !otherwiseMeant.includes(status) && code !== null;

/** Money has moved under this number: whoever wanted it to be paid must query; whoever wanted it back is too late. */
const paidCodes = ['ACQ.TRADE_HAS_SUCCESS', 'ACQ.TRADE_HAS_FINISHED'];

const declinedCodes = [
  'ACQ.SELLER_BALANCE_NOT_ENOUGH',
  'ACQ.TRADE_NOT_ALLOW_REFUND',
  'ACQ.REASON_TRADE_BEEN_FREEZEN',
  'ACQ.REFUND_FAILED',
  'ACQ.TOTAL_FEE_EXCEED',
  'ACQ.ACCESS_FORBIDDEN',
];

/** Alipay could not do it just now, and cannot say whether it did: `ACQ.SYSTEM_ERROR`, `isp.unknow-error`, `20000` (Alipay, public codes). */
const unknownCodes = /^20000$|system[-_]?error|unknown?[-_]?error|service[-_]?(currently[-_]?)?unavailable/i;
const limitCodes = /(call|rate|flow)[-_]?limit/i;
/** Our signature, app, key or clock. */
const authCodes =
  /^(isv\.|aop\.)?((invalid|missing)-(signature|app-id|timestamp|auth-token|app-auth-token)|app-access-denied|insufficient-.*-permissions)/;

/** No contract for the product, or one that has run out. */
const notSignedCodes = /(^|\.)(access[-_]forbidden|insufficient-isv-permissions)$/i;

/**
 * What a refused answer means for the money. Refusals bear no signature that must hold, so they are as trustworthy as the line. A 5xx or a body
 * that is not Alipay's own (an HTML page of a gateway) says nothing about what happened.
 */
export function kindOfRefusal(operation: ProviderOperation, { status, code }: RefusedAnswer): ProviderErrorKind {
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return 'rate_limited';
  if (status === 202 || status === 408 || status >= 500 || code === null || unknownCodes.test(code)) return 'unknown';
  if (limitCodes.test(code)) return 'rate_limited';
  if (authCodes.test(code)) return 'auth';
  if (paidCodes.includes(code)) return operation === 'create' ? 'unknown' : 'declined';
  return declinedCodes.includes(code) ? 'declined' : 'rejected';
}

export function refusedCall(operation: ProviderOperation, answer: RefusedAnswer): ProviderError {
  const { status, code, message, requestId, retryAfterMs, clockSkewMs } = answer;
  const kind = kindOfRefusal(operation, answer);
  return new ProviderError(
    kind,
    operation,
    `${service} answered ${operation} with ${status} ${code ?? 'and no code'}: ${message}`,
    {
      httpStatus: status,
      ...(code === null ? {} : { providerCode: code }),
      ...(kind === 'auth' && code !== null && notSignedCodes.test(code) ? { productNotSigned: true } : {}),
      ...(requestId === undefined ? {} : { requestId }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(clockSkewMs === undefined ? {} : { clockSkewMs }),
    },
  );
}
