/** What an operation answers, before it goes over the wire. */
export type ApiAnswer = { readonly status: number; readonly body: unknown };

/** An error in Stripe's words; without a type it is `invalid_request_error`. */
export type ErrorWords = {
  readonly type?: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  readonly code?: string;
  readonly param?: string;
  readonly message: string;
};

export const answer = (body: unknown): ApiAnswer => ({ status: 200, body });

export const refusal = (status: number, words: ErrorWords): ApiAnswer => ({
  status,
  body: { error: { type: 'invalid_request_error', ...words } },
});

export const missing = (noun: string, id: string, param = 'id'): ApiAnswer =>
  refusal(404, { code: 'resource_missing', param, message: `No such ${noun}: '${id}'` });
