/** What an operation answers, before it is signed and sent. `file` is sent as it stands and bears no signature. */
export type ApiAnswer = { readonly status: number; readonly body: unknown; readonly file?: Buffer };

export const answer = (body: unknown): ApiAnswer => ({ status: 200, body });
export const noContent: ApiAnswer = { status: 204, body: undefined };
export const refusal = (status: number, code: string, message: string): ApiAnswer => ({
  status,
  body: { code, message },
});
