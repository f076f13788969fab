import type { z } from 'zod';
import type { Refusal, RefusalName } from '../base/problem.ts';

/** A request as the callers' files see it: parsed, checked, with nothing of the HTTP library. */
export type Call<Params, Query, Body> = {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly rawBody: Uint8Array;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly method: string;
  /** Path and query as on the request line. */
  readonly target: string;
  readonly ip: string;
};

export type Reply =
  | { readonly status: number; readonly json: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly status: number; readonly text: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly stream: EventStream };

/** Server-Sent Events: `open` is handed the means to send, and gives what is to be done when the caller is gone. */
export type EventStream = (send: SendEvent) => () => void;
export type SendEvent = (event: { readonly id?: string; readonly event?: string; readonly data: string }) => void;

export type Method = 'GET' | 'POST';

/** One address of the API: what `urls.ts` lists, what the server serves, and what `/openapi.json` tells. */
export type Route = {
  readonly method: Method;
  readonly url: string;
  readonly summary: string;
  readonly caller: 'anyone' | 'driver' | 'staff' | 'terminal' | 'payment service';
  readonly creates: boolean;
  readonly query: z.ZodType | null;
  readonly body: z.ZodType | null;
  readonly answer: { readonly status: number; readonly type: string; readonly schema: z.ZodType | null };
  /** By status: what it may answer besides, in words of its own and not as problem details. */
  readonly otherAnswers: Readonly<Record<number, string>>;
  readonly refusals: readonly RefusalName[];
  readonly handle: (call: Call<Readonly<Record<string, string>>, unknown, unknown>) => Promise<Reply | Refusal>;
};

type Wish<Query extends z.ZodType, Body extends z.ZodType> = {
  readonly summary: string;
  readonly caller: Route['caller'];
  /** Needs an `Idempotency-Key`. */
  readonly creates?: boolean;
  readonly query?: Query;
  readonly body?: Body;
  readonly answer: { readonly status?: number; readonly type?: string; readonly schema?: z.ZodType };
  readonly otherAnswers?: Route['otherAnswers'];
  readonly refusals?: readonly RefusalName[];
  readonly handle: (
    call: Call<Readonly<Record<string, string>>, z.infer<Query>, z.infer<Body>>,
  ) => Promise<Reply | Refusal>;
};

/** A route whose handler is given query and body as its schemas parsed them. */
export function route<Query extends z.ZodType, Body extends z.ZodType>(
  method: Method,
  url: string,
  wish: Wish<Query, Body>,
): Route {
  const { query, body, answer } = wish;
  return {
    method,
    url,
    summary: wish.summary,
    caller: wish.caller,
    creates: wish.creates ?? false,
    query: query ?? null,
    body: body ?? null,
    answer: { status: answer.status ?? 200, type: answer.type ?? 'application/json', schema: answer.schema ?? null },
    otherAnswers: wish.otherAnswers ?? {},
    refusals: wish.refusals ?? [],
    // The server parses query and body with these very schemas before it calls.
    handle: (call) => wish.handle({ ...call, query: call.query as z.infer<Query>, body: call.body as z.infer<Body> }),
  };
}
