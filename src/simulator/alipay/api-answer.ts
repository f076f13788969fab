/** What a method of the API comes to, before it is worded for version 2 or 3. */
export type ApiAnswer =
  | { readonly kind: 'done'; readonly body: Readonly<Record<string, unknown>> }
  /** `code` is Alipay's own: `ACQ.TRADE_NOT_EXIST`. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

export const done = (body: Readonly<Record<string, unknown>>): ApiAnswer => ({ kind: 'done', body });
export const refuse = (code: string, message: string): ApiAnswer => ({ kind: 'refused', code, message });

export const notExist = refuse('ACQ.TRADE_NOT_EXIST', '交易不存在');
export const invalidParameter = (name: string): ApiAnswer => refuse('ACQ.INVALID_PARAMETER', `参数无效: ${name}`);
