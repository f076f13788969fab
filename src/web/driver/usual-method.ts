/** The method that is chosen without the driver's doing: the only one, else the first of these wishes that is offered, else none. */
export function usualMethod(methods: readonly string[], wishes: readonly (string | null | undefined)[]): string | null {
  const [only, ...others] = methods;
  if (only !== undefined && others.length === 0) return only;
  return wishes.find((wish): wish is string => typeof wish === 'string' && methods.includes(wish)) ?? null;
}
