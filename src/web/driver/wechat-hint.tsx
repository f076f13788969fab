import { Notice } from './notice.tsx';
import { useWords } from './page-tools.ts';
import { reckoningWords } from './reckoning-words.ts';

/** What WeChat Pay can do inside WeChat, told before the order is placed: an order cannot be taken along into the browser. */
export function WechatHint() {
  const { words } = useWords(reckoningWords);
  return <Notice tone="calm" text={words('inside_wechat')} />;
}
