import { randomUUID } from 'node:crypto';
import type { OrderMessage, PermitMessage, PlacedOrderMessage } from '../order/order.message.ts';
import type { PaymentMessage } from '../payment/payment.message.ts';
import { findReports, type PermitReport } from '../permit/report.sql.ts';
import type { PrintedSlip } from '../simulator/printer/simulated-printer.ts';
import type { NearbyMessage } from '../station/station.message.ts';
import type { DemoWorld } from './demo-world.ts';

export type PlayedOrder = {
  readonly order: OrderMessage;
  readonly payment: PaymentMessage | null;
  readonly permit: PermitMessage | null;
  /** What came out of the printer, as text. */
  readonly receipt: string;
  /** What the terminal said of it last. */
  readonly report: PermitReport | null;
};

const waitMsMax = 15_000;

/** One order through the public API, as a phone would send it, each step told as it happens. */
export async function playOneOrder(world: DemoWorld, say: (line: string) => void): Promise<PlayedOrder> {
  const { cloud, payments, printer, station } = world;
  const wechatPay = payments.services['wechat-pay'];
  const startedAt = performance.now();
  const step = (number: number, text: string): void =>
    say(`${String(number).padStart(2)}. ${text}   (+${Math.round(performance.now() - startedAt)} ms)`);
  say('');
  say('One order, from the wish to the permit:');
  const { latitude, longitude } = station;
  const nearby = await call<NearbyMessage>(
    'GET',
    `${cloud.url}/v1/stations/nearby?latitude=${latitude}&longitude=${longitude}&accuracy=20`,
  );
  const found = nearby.candidates.find((one) => one.station.stationNumber === nearby.selected)?.station;
  const price = found?.grades.find((one) => one.grade === station.grade);
  if (found === undefined || price === undefined)
    throw new Error(`station ${station.stationNumber} was not found from its own position`);
  step(
    1,
    `located: ${found.name}, station ${found.stationNumber}; ${price.grade} at ${price.pumpPrice} ${found.currency}/${found.unit}`,
  );
  const placed = await call<PlacedOrderMessage>('POST', `${cloud.url}/v1/orders`, {
    position: { latitude, longitude, accuracyMeters: 20 },
    grade: station.grade,
    pump: station.pump,
    money: '200.00',
    priceSeen: { pump: price.pumpPrice, member: price.memberPrice },
    user: { plate: '京A12345' },
    locale: 'zh-CN',
  });
  const { order } = placed;
  step(
    2,
    `ordered and stored in the cloud: ${order.orderId}, ${order.money} ${order.currency} = ${order.volume} ${order.unit}, discount ${order.discount}, to pay ${order.payable}`,
  );
  const slip = slipOf(printer, order.orderId);
  const payment = await call<PaymentMessage>(
    'POST',
    `${cloud.url}/v1/orders/${order.orderId}/payments`,
    { method: 'wechat-pay', surface: 'wechat.h5' },
    placed.accessToken,
  );
  step(3, `payment service called: ${payment.attemptRef}, the driver is sent to the cashier`);
  const outcome = wechatPay.control.pay(payment.attemptRef);
  if (outcome.kind !== 'paid') throw new Error(`the cashier refused: ${outcome.reason}`);
  step(4, 'the driver pays at the cashier');
  const paid = await waitFor(world, placed, (one) => one.permit !== null);
  step(5, `judged paid from the signed notification; permit ${paid.permit?.shortCode} issued in the same transaction`);
  const printed = await Promise.race([slip, tooLong('the printer printed nothing')]);
  step(6, 'sent to the station; the printer cut the slip');
  const fulfilled = await waitFor(world, placed, (one) => one.state === 'fulfilled');
  const reports =
    fulfilled.permit === null
      ? []
      : await findReports(cloud.journey.db, station.stationNumber, fulfilled.permit.permitId);
  step(7, `reported back: ${fulfilled.permit?.state}; the driver may leave`);
  say('');
  say(printed.text);
  return {
    order: fulfilled,
    payment: fulfilled.payment,
    permit: fulfilled.permit,
    receipt: printed.text,
    report: reports.at(-1) ?? null,
  };
}

/** The slip of this order; what an earlier start left waiting may come out before it. */
async function slipOf(printer: DemoWorld['printer'], orderId: string): Promise<PrintedSlip> {
  for (;;) {
    const slip = await printer.nextSlip();
    if (slip.text.includes(orderId)) return slip;
  }
}

async function call<Answer>(
  method: 'GET' | 'POST',
  url: string,
  body?: unknown,
  accessToken?: string,
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
      ...(accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${new URL(url).pathname} was refused: ${text}`);
  // Our own API, whose schemas the caller names.
  return JSON.parse(text) as Answer;
}

/** Follows the order's own stream of events until it is as wanted. */
async function waitFor(
  world: DemoWorld,
  placed: PlacedOrderMessage,
  wanted: (order: OrderMessage) => boolean,
): Promise<OrderMessage> {
  const response = await fetch(`${world.cloud.url}/v1/orders/${placed.order.orderId}/events`, {
    headers: { authorization: `Bearer ${placed.accessToken}` },
    signal: AbortSignal.timeout(waitMsMax),
  });
  if (response.body === null) throw new Error('the order has no stream of events');
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const line = text
        .slice(0, end)
        .split('\n')
        .find((one) => one.startsWith('data: '));
      text = text.slice(end + 2);
      const order = line === undefined ? null : (JSON.parse(line.slice(6)) as OrderMessage);
      if (order !== null && wanted(order)) return order;
    }
  }
  throw new Error(`the stream of order ${placed.order.orderId} ended too early`);
}

function tooLong(what: string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`${what} within ${waitMsMax / 1000} s`)), waitMsMax).unref();
  });
}
