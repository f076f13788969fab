import { useState } from 'preact/hooks';
import type { OrderMessage } from '../../order/order.message.ts';
import { AskOnce } from './ask-once.tsx';
import type { Failure } from './failure-text.ts';
import type { OrderCalls } from './order-calls.ts';
import { orderWords } from './order-words.ts';
import { useWords } from './page-tools.ts';

type CancelOrderProps = {
  readonly calls: OrderCalls;
  readonly onCancelled: (order: OrderMessage) => void;
  readonly onFailure: (failure: Failure) => void;
};

/** Calls the order off, after asking once more. */
export function CancelOrder({ calls, onCancelled, onFailure }: CancelOrderProps) {
  const { words } = useWords(orderWords);
  const [isBusy, setBusy] = useState(false);
  const cancel = async () => {
    setBusy(true);
    const answer = await calls.cancel();
    setBusy(false);
    if (answer.kind === 'answered') onCancelled(answer.body);
    else onFailure(answer);
  };
  return (
    <AskOnce
      text={words('cancel_order')}
      look="link"
      question={words('cancel_sure')}
      yes={words('cancel_yes')}
      no={words('cancel_no')}
      isBusy={isBusy}
      onYes={cancel}
    />
  );
}
