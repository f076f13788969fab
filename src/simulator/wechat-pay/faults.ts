import { commonCallFaultKinds, commonNoticeFaultKinds, type Faults, type FaultWords } from '../service/faults.ts';

/** `accepted_202`: taken in, to be repeated with the same parameters. `probe`: a signature that is false on purpose, as in the service's own checks. */
export const faultWords = {
  operations: ['create', 'query', 'close', 'refund', 'queryRefund', 'bill', 'billDownload', 'signIn'],
  callKinds: [...commonCallFaultKinds, 'accepted_202', 'unknown_serial'],
  noticeKinds: [...commonNoticeFaultKinds, 'unknown_serial', 'probe'],
} as const satisfies FaultWords;

export type WechatPayWords = typeof faultWords;
export type WechatPayFaults = Faults<WechatPayWords>;
export type ApiOperation = WechatPayWords['operations'][number];
export type ApiFaultKind = WechatPayWords['callKinds'][number];
export type NotifyFaultKind = WechatPayWords['noticeKinds'][number];
