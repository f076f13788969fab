import type { PaymentMessage } from '../../payment/payment.message.ts';
import { AskOnce } from './ask-once.tsx';
import { formatClock } from './format-moment.ts';
import { methodInText } from './method-in-text.ts';
import { orderWords } from './order-words.ts';
import { useWords } from './page-tools.ts';
import type { Doubt, Paying } from './use-payment.ts';

type PayInsistProps = {
  readonly open: PaymentMessage;
  /** The station's. */
  readonly timeZone: string;
  readonly doubt: Doubt;
  readonly paying: Paying;
};

/** While the earlier payment is being checked: look again, stay with it, or pay in the other way all the same, knowing what becomes of a double payment. */
export function PayInsist({ open, timeZone, doubt, paying }: PayInsistProps) {
  const { words, language } = useWords(orderWords);
  const { wanted } = doubt;
  const method = methodInText(words, wanted.method);
  return (
    <>
      <button
        type="button"
        class="first wide"
        aria-disabled={paying.isBusy}
        onClick={() => void paying.pay({ ...wanted, insists: false })}
      >
        {words(paying.isBusy ? 'opening' : 'doubt_look_again')}
      </button>
      <p class="hint" role="status">
        {words('doubt_looked', { time: formatClock(language, doubt.lookedAt, timeZone) })}
      </p>
      <AskOnce
        text={words('insist', { method })}
        look="second wide"
        question={words('insist_sure', { method })}
        yes={words('insist_yes')}
        no={words('insist_no')}
        isBusy={paying.isBusy}
        onYes={() => paying.pay({ ...wanted, insists: true })}
      />
      {wanted.method === open.method ? null : (
        <button type="button" class="link" onClick={paying.forgetDoubt}>
          {words('stay_with', { method: methodInText(words, open.method) })}
        </button>
      )}
    </>
  );
}
