import { useState } from 'preact/hooks';
import type { OrderMessage } from '../../order/order.message.ts';
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
  const [asking, setAsking] = useState(false);
  const cancel = async () => {
    const answer = await calls.cancel();
    setAsking(false);
    if (answer.kind === 'answered') onCancelled(answer.body);
    else onFailure(answer);
  };
  if (!asking) {
    return (
      <button type="button" class="link" onClick={() => setAsking(true)}>
        {words('cancel_order')}
      </button>
    );
  }
  return (
    <div class="notice warn" role="alert">
      <p>{words('cancel_sure')}</p>
      <div class="halves">
        <button type="button" class="second" onClick={() => void cancel()}>
          {words('cancel_yes')}
        </button>
        <button type="button" class="second" onClick={() => setAsking(false)}>
          {words('cancel_no')}
        </button>
      </div>
    </div>
  );
}
