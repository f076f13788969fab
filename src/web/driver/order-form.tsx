import { useEffect, useRef, useState } from 'preact/hooks';
import type { GradeMessage, PositionMessage, StationMessage } from '../../station/station.message.ts';
import { AmountChoice } from './amount-choice.tsx';
import type { Placed } from './app.tsx';
import { beginDraft, chooseKind, choosePump, type Draft, gradeOf, missingIn } from './draft.ts';
import type { Failure } from './failure-text.ts';
import { formWords } from './form-words.ts';
import { GradeChoice } from './grade-choice.tsx';
import { fetchAhead, loadOrderPage } from './later-pages.ts';
import { MethodChoice } from './method-choice.tsx';
import { missingText } from './missing-text.ts';
import { Notice } from './notice.tsx';
import { usePage, useWords } from './page-tools.ts';
import { PayBar } from './pay-bar.tsx';
import { PlateField } from './plate-field.tsx';
import { PumpChoice } from './pump-choice.tsx';
import type { Quantity } from './quote.ts';
import { useReckoning } from './use-reckoning.ts';
import { walletOf } from './wallet.ts';

type OrderFormProps = {
  readonly station: StationMessage;
  /** Known where the code of the pump was read. */
  readonly pump: number | null;
  readonly position: PositionMessage | null;
  /** Hears of the station with the price that has changed meanwhile. */
  readonly onPriceChange: (station: StationMessage) => void;
  readonly onOrder: (placed: Placed) => void;
};

type Refused = { readonly failure: Failure; readonly priceBefore: GradeMessage | null };

/** The whole order on one page, so that the back button leaves it at once and nothing of it is hidden at paying. */
export function OrderForm({ station, pump, position, onPriceChange, onOrder }: OrderFormProps) {
  const page = usePage();
  const { language, userAgent } = page;
  const { words } = useWords(formWords);
  const [draft, setDraft] = useState<Draft>(() => beginDraft(station, pump, walletOf(userAgent)));
  const [asked, setAsked] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [sending, setSending] = useState(false);
  const sendingNow = useRef(false);
  const loaded = useReckoning();
  const reckoning = loaded === 'lost' ? null : loaded;
  useEffect(() => fetchAhead(loadOrderPage), []);

  const grade = gradeOf(station, draft);
  const reckon = (quantity: Quantity) =>
    grade === null ? null : (reckoning?.quoteOrder(station, grade, quantity) ?? null);
  const quoted = draft.quantity.trim() === '' ? null : reckon({ by: draft.by, typed: draft.quantity });
  const quote = quoted !== null && 'payableMinor' in quoted ? quoted : null;
  const fault = quoted !== null && 'fault' in quoted ? quoted : null;
  const allowed = (typed: string) => !('fault' in (reckon({ by: draft.by, typed }) ?? {}));
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
    if (first !== null || quote === null || reckoning === null || draft.method === null) {
      document.getElementById(`ask-${first ?? 'quantity'}`)?.focus();
      return;
    }
    sendingNow.current = true;
    setSending(true);
    const answer = await reckoning.sendOrder(page, { station, draft, quote, language, position });
    if (answer.kind === 'answered') {
      onOrder({ ...answer.body, method: draft.method });
      return;
    }
    const changed =
      answer.kind === 'refused' ? reckoning.withNewPrice(station, draft.grade ?? '', answer.problem) : null;
    if (changed !== null) onPriceChange(changed);
    setRefused({ failure: answer, priceBefore: changed === null ? null : grade });
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
        draft={draft}
        fault={fault === null ? lack('quantity') : reckoning?.faultText(language, station, fault)}
        allowed={allowed}
        onKind={(by) => change(chooseKind(draft, by))}
        onQuantity={(quantity) => change({ ...draft, quantity })}
      />
      {reckoning === null || quote === null || grade === null ? null : (
        <reckoning.QuotePanel station={station} grade={grade} by={draft.by} quote={quote} />
      )}
      <PlateField plate={draft.plate} onPlate={(plate) => change({ ...draft, plate })} />
      <MethodChoice
        methods={station.methods}
        chosen={draft.method}
        fault={lack('method')}
        onChoose={(method) => change({ ...draft, method })}
      />
      {reckoning === null || refused === null ? null : (
        <reckoning.FormFailure station={station} grade={grade} {...refused} />
      )}
      {loaded === 'lost' ? (
        <Notice text={words('unanswered')} action={words('try_again')} onAction={() => window.location.reload()} />
      ) : null}
      {station.methods.length === 0 ? null : (
        <PayBar
          draft={draft}
          shown={reckoning === null || quote === null ? null : reckoning.showQuote(language, station, quote)}
          busy={sending ? words('sending') : asked && missing.length === 0 && loaded === null ? words('loading') : null}
          confirming={refused !== null && refused.priceBefore !== null}
        />
      )}
    </form>
  );
}
