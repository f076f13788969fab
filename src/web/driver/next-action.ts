import type { NextAction } from '../../payment/payment.message.ts';

type WeixinBridge = { invoke(name: string, params: object, answered: (answer: { err_msg: string }) => void): void };

declare global {
  interface Window {
    WeixinJSBridge?: WeixinBridge;
  }
}

/**
 * Takes the driver to the payment service. A QR code is shown by the page itself. What the service says here proves nothing: whether the order
 * is paid, only the cloud says.
 */
export function takeAction(next: NextAction, window: Window): void {
  switch (next.kind) {
    case 'redirect':
      window.location.assign(requireWeb(next.url));
      return;
    case 'form':
      submitForm(requireWeb(next.action), next.fields, window.document);
      return;
    case 'jsapi':
      callWechat(next.params, window);
      return;
    case 'qr':
      return;
  }
}

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

/** WeChat puts its bridge into the page some time after loading and says so by an event. */
function callWechat(params: object, window: Window): void {
  const pay = () => window.WeixinJSBridge?.invoke('getBrandWCPayRequest', params, () => undefined);
  if (window.WeixinJSBridge === undefined) window.document.addEventListener('WeixinJSBridgeReady', pay, { once: true });
  else pay();
}
