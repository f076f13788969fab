/**
 * One "no" of Forecourt: the HTTP status it travels with (RFC 9457), and what people read, in two languages: what happened and what to do
 * next.
 */
export type Problem = { readonly status: number; readonly en: string; readonly zh: string };
