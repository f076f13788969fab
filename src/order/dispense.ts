import type { Order } from './order.ts';

/** What the pump gave for an order, once and for all. */
export type Dispense = {
  readonly stationNumber: number;
  readonly orderId: string;
  readonly volumeMilli: number;
  /** What that much costs at the order's price, discount included; never more than the order. */
  readonly payableMinor: number;
  /** The name of the person who said so, or of the pump's controller. */
  readonly toldBy: string;
  readonly source: 'staff' | 'pump';
  readonly toldAt: number;
};

/** A pump may overrun by a step, and the station bears it; a tenth more than was ordered is a slip of the pen. */
export const isPlausible = (order: Pick<Order, 'volumeMilli'>, volumeMilli: number): boolean =>
  volumeMilli <= order.volumeMilli + Math.ceil(order.volumeMilli / 10);
