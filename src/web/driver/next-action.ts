import type { NextAction } from '../../payment/payment.message.ts';

/** How WeChat's own window was left: `get_brand_wcpay_request:ok`, `:cancel` or `:fail`. Proves nothing. */
type BridgeAnswer = { readonly err_msg: string };
type WeixinBridge = { invoke(name: string, params: object, answered: (answer: BridgeAnswer) => void): void };

declare global {
  interface Window {
    WeixinJSBridge?: WeixinBridge;
  }
}

/** What WeChat's own window says when it closes; nobody else answers to the page. */
export type Told = 'ok' | 'cancel' | 'fail';

/**
 * Takes the driver to the payment service. A QR code is shown by the page itself. What the service says here proves nothing: whether the order
 * is paid, only the cloud says. Gives what ends the waiting for WeChat's bridge, before another action is taken.
 */
export function takeAction(next: NextAction, window: Window, onTold: (told: Told) => void): () => void {
  switch (next.kind) {
    case 'redirect':
      window.location.assign(requireWeb(next.url));
      return nothing;
    case 'form':
      submitForm(requireWeb(next.action), next.fields, window.document);
      return nothing;
    case 'jsapi':
      return callWechat(next.params, window, onTold);
    case 'qr':
      return nothing;
  }
}

const nothing = (): void => undefined;

/** A cashier lies on the web; any other scheme would let a wrong answer run script in the page. */
export function requireWeb(address: string): string {
  if (!/^https?:\/\//i.test(address)) throw new Error(`${address} is no address of a cashier`);
  return address;
}

function submitForm(action: string, fields: Readonly<Record<string, string>>, document: Document): void {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = action;
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

/** How long WeChat may take to put its bridge into the page. */
export const bridgeWaitMsMax = 5_000;

/** WeChat puts its bridge into the page some time after loading and says so by an event. Where it does not, that is a failure. */
function callWechat(params: object, window: Window, onTold: (told: Told) => void): () => void {
  const { document } = window;
  const pay = () => {
    end();
    window.WeixinJSBridge?.invoke('getBrandWCPayRequest', params, ({ err_msg }) => onTold(readTold(err_msg)));
  };
  const giveUp = () => {
    end();
    onTold('fail');
  };
  const patience = setTimeout(giveUp, bridgeWaitMsMax);
  const end = () => {
    clearTimeout(patience);
    document.removeEventListener('WeixinJSBridgeReady', pay);
  };
  if (window.WeixinJSBridge === undefined) document.addEventListener('WeixinJSBridgeReady', pay);
  else pay();
  return end;
}

const readTold = (text: string): Told => (text.endsWith(':ok') ? 'ok' : text.endsWith(':cancel') ? 'cancel' : 'fail');
