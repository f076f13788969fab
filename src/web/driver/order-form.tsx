import { useEffect, useRef, useState } from 'preact/hooks';
import type { GradeMessage, PositionMessage, StationMessage } from '../../station/station.message.ts';
import { AmountChoice } from './amount-choice.tsx';
import type { Placed } from './app.tsx';
import { writeOrder } from './cloud.ts';
import { beginDraft, chooseKind, choosePump, type Draft, gradeOf, missingIn, toPlaceOrder } from './draft.ts';
import type { Failure } from './failure-text.ts';
import { faultText, missingText } from './fault-text.ts';
import { FormFailure } from './form-failure.tsx';
import { GradeChoice } from './grade-choice.tsx';
import { fetchAhead, loadOrderPage } from './later-pages.ts';
import { keepOrder } from './kept-orders.ts';
import { MethodChoice } from './method-choice.tsx';
import { formWords } from './form-words.ts';
import { usePage, useWords } from './page-tools.ts';
import { PayBar } from './pay-bar.tsx';
import { PlateField } from './plate-field.tsx';
import { PumpChoice } from './pump-choice.tsx';
import { quoteOrder } from './quote.ts';
import { QuotePanel } from './quote-panel.tsx';
import { sendOnce } from './send-once.ts';
import { isWechat } from './surface.ts';

type OrderFormProps = {
  readonly station: StationMessage;
  /** Known where the code of the pump was read. */
  readonly pump: number | null;
  readonly position: PositionMessage | null;
  /** Fetches the station again and gives it, or null. */
  readonly onPriceChange: () => Promise<StationMessage | null>;
  readonly onOrder: (placed: Placed) => void;
};

type Refused = { readonly failure: Failure; readonly priceBefore: GradeMessage | null };

/** The whole order on one page, so that the back button leaves it at once and nothing of it is hidden at paying. */
export function OrderForm({ station, pump, position, onPriceChange, onOrder }: OrderFormProps) {
  const { cloud, shelf, store, userAgent, language } = usePage();
  const { words } = useWords(formWords);
  const [draft, setDraft] = useState<Draft>(() => beginDraft(station, pump, isWechat(userAgent)));
  const [asked, setAsked] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [sending, setSending] = useState(false);
  const sendingNow = useRef(false);
  useEffect(() => fetchAhead(loadOrderPage), []);

  const grade = gradeOf(station, draft);
  const quoted =
    grade === null || draft.quantity.trim() === ''
      ? null
      : quoteOrder(station, grade, { by: draft.by, typed: draft.quantity });
  const quote = quoted !== null && 'payableMinor' in quoted ? quoted : null;
  const fault = quoted !== null && 'fault' in quoted ? quoted : null;
  const missing = missingIn(station, draft);
  const lack = (one: (typeof missing)[number]) =>
    asked && missing.includes(one) ? missingText(words, one) : undefined;
  const change = (next: Draft) => {
    setDraft(next);
    setRefused(null);
  };

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    // State is set at the next drawing; a second tap comes before it.
    if (sendingNow.current) return;
    setAsked(true);
    const first = missing[0] ?? (quote === null ? 'quantity' : null);
    if (first !== null || quote === null || draft.method === null) {
      document.getElementById(`ask-${first ?? 'quantity'}`)?.focus();
      return;
    }
    sendingNow.current = true;
    setSending(true);
    const body = writeOrder(toPlaceOrder({ station, draft, quote, language, position }));
    const answer = await sendOnce(shelf, { name: 'order', body, send: cloud.placeOrder });
    if (answer.kind === 'answered') {
      const { order, accessToken } = answer.body;
      const { name: stationName, timeZone } = order.station;
      keepOrder(store, { orderId: order.orderId, accessToken, stationName, placedAt: order.placedAt, timeZone });
      onOrder({ ...answer.body, method: draft.method });
      return;
    }
    const priceChanged = answer.kind === 'refused' && answer.problem.code === 'price_changed';
    if (priceChanged) await onPriceChange();
    setRefused({ failure: answer, priceBefore: priceChanged ? grade : null });
    sendingNow.current = false;
    setSending(false);
  }

  return (
    <form class="order" onSubmit={(event) => void submit(event)} noValidate>
      <PumpChoice
        station={station}
        pump={draft.pump}
        fault={lack('pump')}
        onChoose={(next) => change(choosePump(station, draft, next))}
      />
      <GradeChoice
        station={station}
        pump={draft.pump}
        chosen={draft.grade}
        fault={lack('grade')}
        onChoose={(next) => change({ ...draft, grade: next })}
      />
      <AmountChoice
        station={station}
        grade={grade}
        draft={draft}
        fault={fault === null ? lack('quantity') : faultText(language, station, fault)}
        onKind={(by) => change(chooseKind(draft, by))}
        onQuantity={(quantity) => change({ ...draft, quantity })}
      />
      {quote === null || grade === null ? null : (
        <QuotePanel station={station} grade={grade} by={draft.by} quote={quote} />
      )}
      <PlateField plate={draft.plate} onPlate={(plate) => change({ ...draft, plate })} />
      <MethodChoice
        methods={station.methods}
        chosen={draft.method}
        fault={lack('method')}
        onChoose={(method) => change({ ...draft, method })}
      />
      {refused === null ? null : <FormFailure station={station} grade={grade} {...refused} />}
      <PayBar
        station={station}
        draft={draft}
        quote={quote}
        sending={sending}
        confirming={refused !== null && refused.priceBefore !== null}
      />
    </form>
  );
}
