import type { Attempt } from '../../../payment/attempt.ts';
import type { RefundFact } from '../../../payment/provider/provider.ts';
import type { Refund } from '../../../payment/refund.ts';
import { type House, serviceOf } from '../house.ts';
import type { ServiceRefund, Trade } from '../service/payment-service.ts';
import { serveRefundQuery } from '../service/service-calls.ts';

/** What the services really have of what stands in our books. */

export const tradesOf = (house: House): readonly Trade[] =>
  house.services.flatMap(({ trades }) => [...trades.values()]);

export const tradeOf = (
  house: House,
  { provider, attemptRef }: Pick<Attempt, 'provider' | 'attemptRef'>,
): Trade | undefined => serviceOf(house, provider).trades.get(attemptRef);

export const stateThere = (house: House, refund: Refund): RefundFact['state'] =>
  serveRefundQuery(serviceOf(house, refund.provider), refund, house.now).state;

/** What had gone back and was sent back by the payer's bank, whether we know it or not. */
export const bouncedMinor = (house: House, attempt: Attempt): number =>
  sumOf(house, attempt, (refund) => isBounced(refund) && refund.state !== 'succeeded');

/** What was in trouble at some time, and may be told to be so still by an answer that is late. */
export const troubledMinor = (house: House, attempt: Attempt): number =>
  sumOf(house, attempt, ({ hasFailed }) => hasFailed);

const sumOf = (house: House, attempt: Attempt, counts: (refund: ServiceRefund) => boolean): number =>
  (tradeOf(house, attempt)?.refunds ?? []).filter(counts).reduce((sum, { minor }) => sum + minor, 0);

export const wasInTrouble = (house: House, refund: Refund): boolean =>
  tradeOf(house, refund)?.refunds.some((one) => one.refundRef === refund.refundRef && one.hasFailed) === true;

export const hasBounced = (house: House, refund: Refund): boolean =>
  tradeOf(house, refund)?.refunds.some((one) => one.refundRef === refund.refundRef && isBounced(one)) === true;

const isBounced = ({ bouncedAt }: ServiceRefund): boolean => bouncedAt !== null;
