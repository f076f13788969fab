import type { PaymentSurface } from './provider.ts';

/** `wechat.jsapi` as an operator says it, at WeChat Pay: `jsapi`. */
const wordOf = (surface: PaymentSurface): string => surface.slice(surface.indexOf('.') + 1);

/** Which surfaces an account of a service with all of these offers, in the words of its operator. */
export const wordsOf = (all: readonly PaymentSurface[]): string => all.map(wordOf).join(',');

/** Of all surfaces of a service those that the setting `surfaces` names: `jsapi, native`. Throws an Error that says which words there are. */
export function readSurfaces<Surface extends PaymentSurface>(
  text: string,
  all: readonly Surface[],
): readonly Surface[] {
  const words = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  const unknown = words.filter((word) => !all.some((one) => wordOf(one) === word));
  if (words.length === 0 || unknown.length > 0) {
    const instead = unknown.length === 0 ? '' : `, not ${unknown.join(', ')}`;
    throw new Error(`surfaces must be one or several of ${wordsOf(all)}${instead}`);
  }
  return all.filter((one) => words.includes(wordOf(one)));
}
