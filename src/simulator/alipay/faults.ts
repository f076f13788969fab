import { commonCallFaultKinds, commonNoticeFaultKinds, type Faults, type FaultWords } from '../service/faults.ts';

/**
 * `code_20000`: Alipay says that it does not know, before or after the work is done. `cut_off`: half of an answer under the signature of the whole.
 * `rsa_downgrade`: truly signed, with SHA-1, and saying so. `changed_amount`, `other_app`, `other_seller`: an authentic lie, once.
 */
export const faultWords = {
  operations: ['create', 'query', 'close', 'cancel', 'refund', 'queryRefund', 'bill', 'billDownload'],
  callKinds: [...commonCallFaultKinds, 'code_20000', 'commit_then_code_20000', 'cut_off'],
  noticeKinds: [...commonNoticeFaultKinds, 'rsa_downgrade', 'changed_amount', 'other_app', 'other_seller'],
} as const satisfies FaultWords;

export type AlipayWords = typeof faultWords;
export type AlipayFaults = Faults<AlipayWords>;
export type ApiOperation = AlipayWords['operations'][number];
