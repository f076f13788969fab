import type { Fields } from '../provider.ts';

/** `k=v` of all parameters, sorted by name and joined by `&`. */
export const sortedText = (parameters: Fields): string =>
  Object.keys(parameters)
    .sort()
    .map((name) => `${name}=${parameters[name]}`)
    .join('&');

/** The same of those that are not empty: what is signed in version 2 of the API. */
export const canonicalText = (parameters: Fields): string =>
  sortedText(Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== '')));
