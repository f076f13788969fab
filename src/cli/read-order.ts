import { isOrderId, stationNumberOf } from '../base/ids.ts';
import type { OrderKey } from '../order/order.ts';
import { type CommandInput, UsageError } from './command.ts';

/** The one order that a command names. */
export function readOrder(input: CommandInput): OrderKey {
  const [orderId = '', ...rest] = input.positionals;
  const stationNumber = isOrderId(orderId) ? stationNumberOf(orderId) : null;
  if (rest.length > 0 || stationNumber === null)
    throw new UsageError(`name one order by its 24 characters, not ${JSON.stringify(input.positionals.join(' '))}`);
  return { stationNumber, orderId };
}
