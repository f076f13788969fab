import { formatMoneyMinor } from '../../base/money.ts';
import { formatVolumeMilli } from '../../base/volume.ts';
import type { PlacedOrderMessage, PlaceOrderMessage } from '../../order/order.message.ts';
import type { PositionMessage, StationMessage } from '../../station/station.message.ts';
import type { Language } from '../words.ts';
import type { Answer } from './cloud.ts';
import { type Draft, gradeOf, missingIn } from './draft.ts';
import { keepOrder } from './kept-orders.ts';
import type { PageTools } from './page-tools.ts';
import type { Quote } from './quote.ts';
import { sendOnce } from './send-once.ts';

/** Sends the order so that it is placed once, and keeps its token on this phone, which alone may read it. */
export async function sendOrder(
  { cloud, shelf, store }: Pick<PageTools, 'cloud' | 'shelf' | 'store'>,
  finished: FinishedDraft,
): Promise<Answer<PlacedOrderMessage>> {
  const answer = await sendOnce(shelf, {
    name: 'order',
    body: JSON.stringify(toPlaceOrder(finished)),
    send: (body, key) => cloud.post<PlacedOrderMessage>('/v1/orders', body, { 'idempotency-key': key }),
  });
  if (answer.kind === 'answered') {
    const { order, accessToken } = answer.body;
    const { name: stationName, timeZone } = order.station;
    keepOrder(store, { orderId: order.orderId, accessToken, stationName, placedAt: order.placedAt, timeZone });
  }
  return answer;
}

export type FinishedDraft = {
  readonly station: StationMessage;
  readonly draft: Draft;
  readonly quote: Quote;
  readonly language: Language;
  readonly position: PositionMessage | null;
};

/**
 * The order as the cloud wants it: the one quantity that the driver gave (the cloud reckons the other itself) and the prices that stood on
 * his screen. Throws where something is missing.
 */
export function toPlaceOrder({ station, draft, quote, language, position }: FinishedDraft): PlaceOrderMessage {
  const grade = gradeOf(station, draft);
  if (grade === null || draft.pump === null) throw new Error(`the draft lacks ${missingIn(station, draft).join(', ')}`);
  const plate = draft.plate.normalize('NFKC').trim();
  return {
    stationNumber: station.stationNumber,
    ...(position === null ? {} : { position }),
    grade: grade.grade,
    pump: draft.pump,
    ...(draft.by === 'money'
      ? { money: formatMoneyMinor(quote.moneyMinor, station.currency) }
      : { volume: formatVolumeMilli(quote.volumeMilli) }),
    priceSeen: { pump: grade.pumpPrice, member: grade.memberPrice },
    ...(plate === '' ? {} : { user: { plate } }),
    locale: language,
  };
}
