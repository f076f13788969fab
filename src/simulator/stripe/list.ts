import { z } from 'zod';
import { type ApiAnswer, answer, missing, refusal } from './api-answer.ts';
import { expand, wholeNumber } from './parameters.ts';

const range = z.strictObject({
  gt: wholeNumber.optional(),
  gte: wholeNumber.optional(),
  lt: wholeNumber.optional(),
  lte: wholeNumber.optional(),
});

/** What every list takes; a list's own filters stand beside. */
export const listShape = {
  limit: wholeNumber.refine((limit) => limit >= 1 && limit <= 100).default(10),
  starting_after: z.string().max(255).optional(),
  ending_before: z.string().max(255).optional(),
  created: z.union([wholeNumber, range]).optional(),
  expand,
};

const listParameters = z.object(listShape);
export type ListParameters = z.infer<typeof listParameters>;

type Listed = { readonly id: string; readonly createdAtMs: number };

/**
 * One page, newest first: the filter, then the time, then from the cursor on. A cursor is the name of an object that the page begins after (or ends
 * before), whether or not the filter would let it pass.
 */
export function listPage<Record extends Listed>(
  oldestFirst: readonly Record[],
  parameters: ListParameters,
  {
    noun,
    url,
    fits,
    show,
  }: { noun: string; url: string; fits: (record: Record) => boolean; show: (record: Record) => object },
): ApiAnswer {
  const { limit, starting_after: after, ending_before: before, created } = parameters;
  if (after !== undefined && before !== undefined)
    return refusal(400, { message: 'You cannot use `starting_after` and `ending_before` at once.' });
  const newestFirst = oldestFirst.toReversed();
  const cursor = after ?? before;
  const place = cursor === undefined ? -1 : newestFirst.findIndex((record) => record.id === cursor);
  if (cursor !== undefined && place < 0)
    return missing(noun, cursor, after === undefined ? 'ending_before' : 'starting_after');
  const side = before === undefined ? newestFirst.slice(place + 1) : newestFirst.slice(0, place);
  const matching = side.filter((record) => fits(record) && isInTime(record.createdAtMs / 1000, created));
  const page = before === undefined ? matching.slice(0, limit) : matching.slice(-limit);
  return answer({ object: 'list', data: page.map(show), has_more: matching.length > page.length, url });
}

function isInTime(seconds: number, created: ListParameters['created']): boolean {
  if (created === undefined) return true;
  if (typeof created === 'number') return seconds === created;
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = created;
  return seconds > gt && seconds >= gte && seconds < lt && seconds <= lte;
}
