import { textOf } from './failure-text.ts';
import { Notice } from './notice.tsx';
import { orderWords } from './order-words.ts';
import { useWords } from './page-tools.ts';
import type { Paying } from './use-payment.ts';

/** Why no payment was started, and the code to scan where WeChat's own window is not to be had. */
export function PayTrouble({ paying }: { readonly paying: Paying }) {
  const { words, language } = useWords(orderWords);
  const { trouble, isBusy, pay } = paying;
  if (trouble === null) return null;
  const text = trouble.failure === null ? words('wechat_not_opened') : textOf(trouble.failure, language);
  if (!trouble.offersCode) return <Notice text={text} />;
  return (
    <Notice
      text={text}
      action={words('show_code')}
      onAction={() => (isBusy ? undefined : void pay({ method: 'wechat-pay', surface: 'wechat.native' }))}
    />
  );
}
