import { z } from 'zod';
import { type ApiAnswer, refusal } from './api-answer.ts';

/** Parameters arrive as text, whatever they are. */
export const wholeNumber = z
  .string()
  .regex(/^-?\d{1,15}$/)
  .transform(Number);
export const yesOrNo = z.enum(['true', 'false']).transform((text) => text === 'true');
export const metadata = z
  .record(z.string().min(1).max(40), z.string().max(500))
  .refine((marks) => Object.keys(marks).length <= 50)
  .default({});
export const expand = z.array(z.string().max(200)).max(20).default([]);

/** The parameters, or Stripe's refusal of the first that is wrong: unknown, missing, or not what it has to be. */
export function readParameters<Read>(schema: z.ZodType<Read>, parameters: unknown): Read | ApiAnswer {
  const parsed = schema.safeParse(parameters);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = (issue?.path ?? []).map(String);
  if (issue?.code === 'unrecognized_keys') {
    const param = nameOf([...path, ...issue.keys.slice(0, 1)]);
    return refusal(400, { code: 'parameter_unknown', param, message: `Received unknown parameter: ${param}` });
  }
  const param = nameOf(path);
  if (!holds(parameters, path))
    return refusal(400, { code: 'parameter_missing', param, message: `Missing required param: ${param}.` });
  return refusal(400, { code: 'parameter_invalid', param, message: `Invalid ${param}: ${issue?.message ?? ''}` });
}

export const isRefused = (read: object): read is ApiAnswer => 'status' in read && 'body' in read;

/** `line_items[0][quantity]` */
const nameOf = ([head = '', ...rest]: readonly string[]): string => head + rest.map((part) => `[${part}]`).join('');

function holds(value: unknown, [head, ...rest]: readonly string[]): boolean {
  if (head === undefined) return value !== undefined;
  if (typeof value !== 'object' || value === null) return false;
  const inner: unknown = Object.entries(value).find(([name]) => name === head)?.[1];
  return holds(inner, rest);
}
