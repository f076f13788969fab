import type { OrderMessage } from '../../order/order.message.ts';
import { formatMoney } from '../format.ts';
import { nameMethod } from './method-name.ts';
import { orderWords } from './order-words.ts';
import { useWords } from './page-tools.ts';
import { QrCode } from './qr-code.tsx';

type ScanToPayProps = {
  readonly order: OrderMessage;
  readonly method: string;
  readonly payload: string;
  /** The method whose own app shows this page; it cannot scan its own screen. */
  readonly wallet: string | null;
};

/** The code of a payment service, on white in every theme, and by which app it is read. */
export function ScanToPay({ order, method, payload, wallet }: ScanToPayProps) {
  const { words, language } = useWords(orderWords);
  const caption = words('scan_to_pay', {
    method: nameMethod(words, method),
    amount: formatMoney(language, order.payable, order.currency),
  });
  return (
    <figure class="paper">
      <QrCode text={payload} label={caption} />
      <figcaption>
        {caption}
        {wallet === null ? null : <p class="faint">{words('scan_other_phone')}</p>}
      </figcaption>
    </figure>
  );
}
