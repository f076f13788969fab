import { useEffect, useRef } from 'preact/hooks';
import type { OrderMessage } from '../../order/order.message.ts';
import { formatInstant } from '../format.ts';
import { methodInText } from './method-in-text.ts';
import type { OrderStep } from './order-step.ts';
import { orderWords } from './order-words.ts';
import { useWords } from './page-tools.ts';
import { useLostFocus } from './use-lost-focus.ts';
import type { Doubt } from './use-payment.ts';

type Status = {
  readonly heading: keyof typeof orderWords;
  readonly text: keyof typeof orderWords;
  readonly mark: string;
  readonly tone: 'wait' | 'good' | 'stop';
};

const statuses = {
  choose_payment: { heading: 'choose_payment_heading', text: 'choose_payment_text', mark: '…', tone: 'wait' },
  paying: { heading: 'paying_heading', text: 'paying_text', mark: '…', tone: 'wait' },
  checking: { heading: 'checking_heading', text: 'checking_text', mark: '?', tone: 'wait' },
  issuing: { heading: 'issuing_heading', text: 'issuing_text', mark: '✓', tone: 'good' },
  permit: { heading: 'permit_heading', text: 'permit_sending', mark: '✓', tone: 'good' },
  permit_used: { heading: 'permit_used_heading', text: 'permit_used_text', mark: '✓', tone: 'good' },
  permit_expired: { heading: 'permit_expired_heading', text: 'permit_expired_text', mark: '!', tone: 'stop' },
  permit_revoked: { heading: 'permit_revoked_heading', text: 'permit_revoked_text', mark: '!', tone: 'stop' },
  cancelled: { heading: 'cancelled_heading', text: 'cancelled_text', mark: '×', tone: 'stop' },
  expired: { heading: 'expired_heading', text: 'expired_text', mark: '×', tone: 'stop' },
  refunding: { heading: 'refunding_heading', text: 'refunding_text', mark: '↩', tone: 'wait' },
  refund_held_up: { heading: 'refund_held_up_heading', text: 'refund_held_up_text', mark: '!', tone: 'stop' },
  refunded: { heading: 'refunded_heading', text: 'refunded_text', mark: '↩', tone: 'stop' },
} as const satisfies Record<OrderStep, Status>;

const deliveries: Readonly<Record<string, keyof typeof orderWords>> = {
  printed: 'permit_printed',
  processed: 'permit_processed',
  unconfirmed: 'permit_unconfirmed',
  undeliverable: 'permit_undeliverable',
};

type OrderStatusProps = {
  readonly order: OrderMessage;
  readonly step: OrderStep;
  /** The driver wishes to pay in another way than this payment, which cannot be closed just now. */
  readonly doubt: Doubt | null;
};

/** Where the order is, in a heading and a sentence that is read aloud at each change; told by colour, mark and words alike. */
export function OrderStatus({ order, step, doubt }: OrderStatusProps) {
  const { words, language } = useWords(orderWords);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useLostFocus(heading);
  const status = statuses[step];
  const inDoubt = step === 'checking' && doubt !== null && doubt.attemptRef === order.payment?.attemptRef;
  const text = inDoubt
    ? 'doubt_text'
    : step === 'permit'
      ? (deliveries[order.permit?.state ?? ''] ?? status.text)
      : status.text;
  const failed = step === 'choose_payment' && order.payment !== null;
  return (
    <section class={`status ${status.tone}`} role="status">
      <span class="mark" aria-hidden="true">
        {status.mark}
      </span>
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {words(status.heading)}
        </h1>
        {failed ? <p>{words('payment_failed_text')}</p> : null}
        <p>
          {words(text, {
            time: formatInstant(language, order.priceHeldUntil, order.station.timeZone),
            method: methodInText(words, order.payment?.method ?? ''),
          })}
        </p>
      </div>
    </section>
  );
}
