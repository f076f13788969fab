import type { StaffOrderMessage } from '../../staff/staff.message.ts';
import { Rows } from '../driver/rows.tsx';
import { formatInstant, formatMoney, formatPrice, formatVolume } from '../format.ts';
import { nameService, useStaffWords } from './staff-tools.ts';

type Props = { readonly order: StaffOrderMessage };

export function MoneyRows({ order }: Props) {
  const { words, language } = useStaffWords();
  const paid = order.attempts.find((one) => one.attemptRef === order.paidBy);
  const money = (text: string) => formatMoney(language, text, order.currency);
  const hasRefund = [order.givenBack, order.onItsWay, order.heldUp].some((sum) => Number(sum) > 0);
  return (
    <section class="card" aria-labelledby="money">
      <h2 id="money">{words('money')}</h2>
      <Rows
        rows={[
          [words('to_pay'), money(order.payable)],
          paid === undefined ? null : [words('paid'), <strong key="paid">{money(paid.paid)}</strong>],
          paid === undefined ? null : [words('method'), nameService(language, paid.method)],
          paid === undefined || paid.paidAt === null
            ? null
            : [words('paid_at'), formatInstant(language, paid.paidAt, order.station.timeZone)],
          paid === undefined || paid.providerPaymentId === null
            ? null
            : [
                words('payment_number'),
                <span key="number" class="mono whole">
                  {paid.providerPaymentId}
                </span>,
              ],
          hasRefund ? [words('given_back'), money(order.givenBack)] : null,
          Number(order.onItsWay) > 0 ? [words('on_its_way'), money(order.onItsWay)] : null,
          Number(order.heldUp) > 0
            ? [
                words('held_up'),
                <strong key="held" class="alert">
                  {money(order.heldUp)}
                </strong>,
              ]
            : null,
          paid === undefined ? null : [words('left'), <strong key="left">{money(order.left)}</strong>],
        ]}
      />
    </section>
  );
}

export function FuelRows({ order }: Props) {
  const { words, language } = useStaffWords();
  const { dispensed, unit } = order;
  return (
    <section class="card" aria-labelledby="fuel">
      <h2 id="fuel">{words('fuel')}</h2>
      <Rows
        rows={[
          [words('fuel'), `${order.grade}, ${formatPrice(language, order.pumpPrice, order.currency, unit)}`],
          [words('ordered'), formatVolume(language, order.volume, unit)],
          dispensed === null
            ? null
            : [words('dispensed'), <strong key="dispensed">{formatVolume(language, dispensed.volume, unit)}</strong>],
        ]}
      />
      {dispensed === null ? null : (
        <p class="hint">
          {words('told_by', {
            by: dispensed.by,
            time: formatInstant(language, dispensed.toldAt, order.station.timeZone),
          })}
        </p>
      )}
    </section>
  );
}

export function DriverRows({ order }: Props) {
  const { words, language } = useStaffWords();
  const { name, phone, plate } = order.user;
  return (
    <section class="card" aria-labelledby="driver">
      <h2 id="driver">{words('driver')}</h2>
      <Rows
        rows={[
          plate === null ? null : [words('plate'), plate],
          name === null ? null : [words('name'), name],
          phone === null ? null : [words('phone'), phone],
          [words('placed_at'), formatInstant(language, order.placedAt, order.station.timeZone)],
          [
            words('order_number'),
            <span key="id" class="mono whole">
              {order.orderId}
            </span>,
          ],
        ]}
      />
    </section>
  );
}
