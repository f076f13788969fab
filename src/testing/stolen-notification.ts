import { systemRandom } from '../base/random.ts';
import { writeNotice } from '../simulator/wechat-pay/notice.ts';
import { describePayment } from '../simulator/wechat-pay/pay.ts';
import { signedHeaders } from '../simulator/wechat-pay/platform-signer.ts';
import { post } from './cloud.ts';
import type { TestJourney } from './journey.ts';

/** Says "paid" as only WeChat Pay can say it, of a payment that was never made; gives the status that it was answered with. */
export async function sendStolen(
  { wechatPay, platformKey, timeline, url }: TestJourney,
  attemptRef: string,
): Promise<number> {
  const { apiV3Key, ...merchant } = wechatPay.credentials;
  const payment = wechatPay.control.payment(attemptRef);
  if (payment === undefined) throw new Error(`${attemptRef} was never created`);
  const resource = describePayment(
    { ...payment, state: 'SUCCESS', transactionId: '4200000000000000000000000001', paidAtMs: timeline.now() },
    merchant,
  );
  const subject = {
    about: attemptRef,
    url,
    eventType: 'TRANSACTION.SUCCESS',
    originalType: 'transaction',
    summary: '',
  };
  const { body } = writeNotice({ ...subject, resource }, apiV3Key, timeline.now(), systemRandom);
  const headers = await signedHeaders(body, platformKey, timeline.now(), systemRandom);
  return (await post(`${url}/v1/notifications/wechat-pay`, body, headers)).status;
}
